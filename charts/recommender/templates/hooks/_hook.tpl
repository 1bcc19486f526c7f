{{/* What the Jobs of helm install have in common. */}}

{{/* (dict "root" $ "name" "trainer-first-start" "weight" 10): helm waits for a hook's end, and takes it away if all went well. */}}
{{- define "recommender.hook.metadata" -}}
{{- $hook := dict "helm.sh/hook" "post-install" "helm.sh/hook-weight" (toString .weight) -}}
{{- $_ := set $hook "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded" -}}
{{- $_ := set $hook "helm.sh/hook-output-log-policy" "hook-failed" -}}
{{- include "recommender.metadata" (dict "root" .root "name" .name "component" "hook" "annotations" $hook) }}
{{- end }}

{{/*
No hook may hold up helm beyond its own five minutes, none is tried again where that does not help, and none that failed
is kept for long. Of which container: (dict "container" "start")
*/}}
{{- define "recommender.hook.limits" -}}
backoffLimit: 3
podFailurePolicy:
  rules:
    - action: FailJob
      onExitCodes:
        containerName: {{ .container }}
        operator: In
        values: [64, 65, 137]
activeDeadlineSeconds: 280
ttlSecondsAfterFinished: 3600
{{- end }}
