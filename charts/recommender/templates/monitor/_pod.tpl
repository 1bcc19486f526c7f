{{/*
The spec of a pod that runs the monitor: (dict "root" $ "component" "monitor" "args" (list "-m" "monitor" …)).
With "cluster" true it may speak to Kubernetes, and tells the webhook what changed.
*/}}
{{- define "recommender.monitor.pod" -}}
{{- $root := .root -}}
{{- $monitor := .root.Values.monitor -}}
{{- $image := .root.Values.trainer.image -}}
{{- $env := include "recommender.env.store" $root | fromYamlArray -}}
{{- if .cluster -}}
{{- $env = concat (include "recommender.env.cluster" $root | fromYamlArray) $env (include "recommender.env.webhook" $root | fromYamlArray) -}}
{{- end -}}
serviceAccountName: {{ include "recommender.serviceAccount" (list $root "monitor" $monitor) }}
restartPolicy: Never
{{ include "recommender.pod.settings" (dict "root" $root "component" .component "values" $monitor "token" .cluster) }}
containers:
  - {{ include "recommender.container.settings" (dict "root" $root "name" "monitor" "image" $image "values" $monitor) | nindent 4 | trim }}
    args: {{ toJson .args }}
    {{- include "recommender.container.environment" (dict "root" $root "values" $monitor "configMap" "monitor" "env" $env) | trim | nindent 4 }}
    {{- include "recommender.container.mounts" (dict "root" $root "values" $monitor) | trim | nindent 4 }}
{{ include "recommender.pod.volumes" (dict "root" $root "values" $monitor) }}
{{- end }}
