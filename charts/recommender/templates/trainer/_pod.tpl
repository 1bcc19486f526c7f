{{/*
The spec of a pod that runs the trainer's image with the trainer's settings: the CronJob's.
(dict "root" $ "name" "trainer" "args" (list "-m" "trainer"))
*/}}
{{- define "recommender.trainer.pod" -}}
{{- $root := .root -}}
{{- $trainer := .root.Values.trainer -}}
{{- $env := concat (include "recommender.env.cluster" $root | fromYamlArray) (include "recommender.env.database" $root | fromYamlArray) (include "recommender.env.store" $root | fromYamlArray) (include "recommender.env.metricsToken" $root | fromYamlArray) -}}
{{- $mounts := list -}}
{{- $volumes := list -}}
{{- if or $trainer.code.files $trainer.code.configMap -}}
{{- $mounts = append $mounts (dict "name" "shop-code" "mountPath" "/opt/shop" "readOnly" true) -}}
{{- $volumes = append $volumes (dict "name" "shop-code" "configMap" (dict "name" (include "recommender.trainer.codeConfigMap" $root))) -}}
{{- end -}}
serviceAccountName: {{ include "recommender.serviceAccount" (list $root "trainer" $trainer) }}
restartPolicy: Never
{{ include "recommender.pod.settings" (dict "root" $root "component" "trainer" "values" $trainer "token" true) }}
{{- $container := dict "root" $root "trainer" $trainer "env" $env "mounts" $mounts -}}
{{- $worker := "" -}}
{{- $args := .args -}}
{{- if include "recommender.trainer.isDistributed" $root -}}
{{- $_ := set $container "env" (concat $env (include "recommender.env.distributed" $root | fromYamlArray)) -}}
{{- $worker = include "recommender.trainer.container" (merge (dict "name" "worker" "args" (list "-m" "trainer" "worker") "resources" $trainer.distributed.resources) $container) -}}
{{- $args = concat .args (list "--dask" "job") }}
# Pods of the Job find the leading one as JOB-0.{{ include "recommender.name" (list $root "trainer-workers") }}
subdomain: {{ include "recommender.name" (list $root "trainer-workers") }}
{{- end }}
{{- if or $trainer.initContainers $worker }}
initContainers:
  {{- with $trainer.initContainers }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with $worker }}
  # The work of all pods but the leading one, where it ends at once.
  - {{ . | nindent 4 | trim }}
  {{- end }}
{{- end }}
containers:
  - {{ include "recommender.trainer.container" (merge (dict "name" .name "args" $args "resources" $trainer.resources) $container) | nindent 4 | trim }}
{{ include "recommender.pod.volumes" (dict "root" $root "values" $trainer "volumes" $volumes) }}
{{- end }}

{{/*
A container of the trainer's image and settings:
(dict "root" $ "trainer" .Values.trainer "name" "trainer" "args" (list …) "resources" (dict …) "env" (list …) "mounts" (list …))
*/}}
{{- define "recommender.trainer.container" -}}
{{ include "recommender.container.settings" (dict "root" .root "name" .name "image" .trainer.image "values" (dict "securityContext" .trainer.securityContext "resources" .resources)) }}
args: {{ toJson .args }}
{{ include "recommender.container.environment" (dict "root" .root "values" .trainer "configMap" "trainer" "env" .env) | trim }}
{{ include "recommender.container.mounts" (dict "root" .root "values" .trainer "mounts" .mounts) | trim }}
{{- end }}

{{/* Whether a run has workers in other pods: "true" or nothing. */}}
{{- define "recommender.trainer.isDistributed" -}}
{{- if gt (int .Values.trainer.distributed.workers) 0 }}true{{ end }}
{{- end }}

{{/* The ConfigMap with the shop's own trainer class. */}}
{{- define "recommender.trainer.codeConfigMap" -}}
{{- .Values.trainer.code.configMap | default (include "recommender.name" (list . "trainer-code")) -}}
{{- end }}
