{{/* The spec of a pod that runs the monitor: (dict "root" $ "args" (list "-m" "monitor" …)) */}}
{{- define "recommender.monitor.pod" -}}
{{- $root := .root -}}
{{- $monitor := .root.Values.monitor -}}
{{- $image := .root.Values.trainer.image -}}
serviceAccountName: {{ include "recommender.serviceAccount" (list $root "monitor" $monitor) }}
restartPolicy: Never
{{ include "recommender.pod.settings" (dict "root" $root "component" .component "values" $monitor) }}
containers:
  - {{ include "recommender.container.settings" (dict "root" $root "name" "monitor" "image" $image "values" $monitor) | nindent 4 | trim }}
    args: {{ toJson .args }}
    {{- include "recommender.container.environment" (dict "root" $root "values" $monitor "configMap" "monitor" "env" (include "recommender.env.store" $root | fromYamlArray)) | trim | nindent 4 }}
    {{- include "recommender.container.mounts" (dict "root" $root "values" $monitor) | trim | nindent 4 }}
{{ include "recommender.pod.volumes" (dict "root" $root "values" $monitor) }}
{{- end }}
