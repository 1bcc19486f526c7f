{{/*
What pods of all components have in common. Values under `pods` hold for every pod; a component's own add to them, and
win where both say something.
*/}}

{{/* A pod template's metadata: (dict "root" $ "component" "api" "values" .Values.api "annotations" (dict …)) */}}
{{- define "recommender.pod.metadata" -}}
{{- $pods := .root.Values.pods -}}
{{- $selector := include "recommender.selectorLabels" (list .root .component) | fromYaml -}}
labels:
  {{- mergeOverwrite (deepCopy (.root.Values.labels | default dict)) $pods.podLabels (.values.podLabels | default dict) (dict "app.kubernetes.io/part-of" "recommender") $selector | toYaml | nindent 2 }}
{{- with mergeOverwrite (deepCopy $pods.podAnnotations) (.values.podAnnotations | default dict) (.annotations | default dict) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* A pod's settings but its containers and volumes: (dict "root" $ "component" "api" "values" .Values.api "token" true) */}}
{{- define "recommender.pod.settings" -}}
{{- $root := .root -}}
{{- $pods := .root.Values.pods -}}
{{- $own := .values -}}
{{- $selector := include "recommender.selectorLabels" (list $root .component) | fromYaml -}}
automountServiceAccountToken: {{ .token | default false }}
# A Service named `api` would put API_PORT=tcp://… into the environment of every pod.
enableServiceLinks: false
securityContext:
  {{- mergeOverwrite (deepCopy $pods.podSecurityContext) ($own.podSecurityContext | default dict) | toYaml | nindent 2 }}
{{- with concat $pods.imagePullSecrets (($root.Values.global | default dict).imagePullSecrets | default list) ($own.imagePullSecrets | default list) | uniq }}
imagePullSecrets:
  {{- range . }}
  - name: {{ if kindIs "map" . }}{{ .name }}{{ else }}{{ . }}{{ end }}
  {{- end }}
{{- end }}
{{- range $field := list "priorityClassName" "runtimeClassName" "schedulerName" "dnsPolicy" "terminationGracePeriodSeconds" }}
{{- with get $own $field | default (get $pods $field) }}
{{ $field }}: {{ . }}
{{- end }}
{{- end }}
{{- range $field := list "nodeSelector" "affinity" "dnsConfig" }}
{{- with mergeOverwrite (deepCopy (get $pods $field)) (get $own $field | default dict) }}
{{ $field }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- range $field := list "tolerations" "hostAliases" }}
{{- with concat (get $pods $field) (get $own $field | default list) | uniq }}
{{ $field }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- with $own.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- range . }}
  - {{ merge (deepCopy .) (dict "labelSelector" (dict "matchLabels" $selector)) | toYaml | nindent 4 | trim }}
  {{- end }}
{{- end }}
{{- end }}

{{/* A container's name, image and what it may do: (dict "root" $ "name" "trainer" "image" .Values.trainer.image "values" …) */}}
{{- define "recommender.container.settings" -}}
{{- $pods := .root.Values.pods -}}
name: {{ .name }}
image: {{ include "recommender.image" (list .root .image) }}
imagePullPolicy: {{ .image.pullPolicy | default .root.Values.image.pullPolicy }}
securityContext:
  {{- mergeOverwrite (deepCopy $pods.securityContext) (.values.securityContext | default dict) | toYaml | nindent 2 }}
terminationMessagePolicy: FallbackToLogsOnError
{{- with .values.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/*
A container's environment: (dict "root" $ "values" .Values.trainer "configMap" "trainer" "env" (list …)).
A name in extraEnv takes the place of the chart's own: twice the same name is an error to Helm 4.
*/}}
{{- define "recommender.container.environment" -}}
{{- $pods := .root.Values.pods -}}
{{- $later := list -}}
{{- $entries := list -}}
{{- range reverse (concat (.env | default list) $pods.extraEnv .values.extraEnv) }}
{{- if not (has .name $later) }}
{{- $later = append $later .name }}
{{- $entries = prepend $entries . }}
{{- end }}
{{- end }}
envFrom:
  - configMapRef:
      name: {{ include "recommender.name" (list .root .configMap) }}
  {{- with concat $pods.extraEnvFrom .values.extraEnvFrom | uniq }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with $entries }}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* A container's mounts: (dict "root" $ "values" .Values.trainer "mounts" (list …)) */}}
{{- define "recommender.container.mounts" -}}
volumeMounts:
  - name: tmp
    mountPath: /tmp
  {{- with concat (.mounts | default list) .root.Values.pods.extraVolumeMounts .values.extraVolumeMounts | uniq }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* A pod's volumes: (dict "root" $ "values" .Values.trainer "volumes" (list …)) */}}
{{- define "recommender.pod.volumes" -}}
volumes:
  - name: tmp
    emptyDir:
      sizeLimit: {{ .values.tmpSizeLimit }}
  {{- with concat (.volumes | default list) .root.Values.pods.extraVolumes .values.extraVolumes | uniq }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
