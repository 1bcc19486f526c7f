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
{{- with $trainer.initContainers }}
initContainers:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - {{ include "recommender.container.settings" (dict "root" $root "name" .name "image" $trainer.image "values" $trainer) | nindent 4 | trim }}
    args: {{ toJson .args }}
    {{- include "recommender.container.environment" (dict "root" $root "values" $trainer "configMap" "trainer" "env" $env) | trim | nindent 4 }}
    {{- include "recommender.container.mounts" (dict "root" $root "values" $trainer "mounts" $mounts) | trim | nindent 4 }}
{{ include "recommender.pod.volumes" (dict "root" $root "values" $trainer "volumes" $volumes) }}
{{- end }}

{{/* The ConfigMap with the shop's own trainer class. */}}
{{- define "recommender.trainer.codeConfigMap" -}}
{{- .Values.trainer.code.configMap | default (include "recommender.name" (list . "trainer-code")) -}}
{{- end }}
