{{/* What the API is told by its ConfigMap. */}}
{{- define "recommender.api.settings" -}}
{{- include "recommender.settings.everywhere" . }}
{{- include "recommender.settings.data" (dict
  "API_PORT" 8000
  "API_WORKERS" .Values.api.workers
  "DRAIN_SECONDS" .Values.api.drainSeconds
  "SHUTDOWN_SECONDS" .Values.api.shutdownSeconds
) }}
{{- if include "recommender.api.inCluster" . }}
{{- include "recommender.settings.data" (dict
  "API_DEPLOYMENT" (include "recommender.name" (list . "api"))
  "TRAINER_CRONJOB" (include "recommender.name" (list . "trainer"))
) }}
{{- end }}
{{- $settings := deepCopy .Values.api.settings -}}
{{- with $settings.TRUSTED_HOSTS -}}
{{- $_ := set $settings "TRUSTED_HOSTS" (printf "%s,%s" . (include "recommender.api.ownNames" $)) -}}
{{- end }}
{{- include "recommender.settings.data" $settings }}
{{- end }}

{{/* The names of the Service, by which helm test and the shop's back end ask. */}}
{{- define "recommender.api.ownNames" -}}
{{- $name := include "recommender.name" (list . "api") -}}
{{- $inNamespace := printf "%s.%s" $name .Release.Namespace -}}
{{- list $name $inNamespace (printf "%s.svc" $inNamespace) (printf "%s.svc.cluster.local" $inNamespace) | join "," -}}
{{- end }}

{{/* The Secrets that the chart makes and the API reads, as one text: what to hash. */}}
{{- define "recommender.api.madeSecrets" -}}
{{- .Values.api.adminToken.value }}|{{ .Values.api.metricsToken.value }}|{{ .Values.store.accessKeyId }}|{{ .Values.store.secretAccessKey -}}
{{- end }}

{{/* Seconds from the wish that a pod ends to its death: preStop, then the drain, then requests under way, then a margin. */}}
{{- define "recommender.api.gracePeriod" -}}
{{- add (ceil .preStopSeconds) (ceil .drainSeconds) (ceil .shutdownSeconds) 5 -}}
{{- end }}
