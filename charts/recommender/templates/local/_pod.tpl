{{/* What the throw-away MinIO and MariaDB have in common. */}}

{{/* (dict "root" $ "name" "minio" "values" .Values.local.minio) */}}
{{- define "recommender.local.container" -}}
{{- $image := .values.image -}}
name: {{ .name }}
image: {{ include "recommender.imageName" (list $image "latest") }}
imagePullPolicy: {{ $image.pullPolicy | default .root.Values.image.pullPolicy }}
securityContext:
  {{- .root.Values.pods.securityContext | toYaml | nindent 2 }}
resources:
  {{- toYaml .values.resources | nindent 2 }}
{{- end }}

{{/* The volume with the data: (dict "root" $ "name" "minio") */}}
{{- define "recommender.local.data" -}}
- name: data
  {{- if .root.Values.local.persistence.enabled }}
  persistentVolumeClaim:
    claimName: {{ include "recommender.name" (list .root .name) }}
  {{- else }}
  emptyDir: {}
  {{- end }}
{{- end }}

{{/* (dict "root" $ "name" "minio" "keep" true) */}}
{{- define "recommender.local.claim" -}}
{{- $persistence := .root.Values.local.persistence -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  {{- include "recommender.metadata" (dict "root" .root "name" .name "component" .name "annotations" (.keep | ternary (dict "helm.sh/resource-policy" "keep") dict)) | nindent 2 }}
spec:
  accessModes: [ReadWriteOnce]
  {{- if not (kindIs "invalid" $persistence.storageClassName) }}
  storageClassName: {{ $persistence.storageClassName | quote }}
  {{- end }}
  resources:
    requests:
      storage: {{ $persistence.size }}
{{- end }}
