{{/*
The settings of the processes, as docs/reference.md names them. What is no secret goes into ConfigMaps, so that extraEnv
can overrule it; secrets are read from Secrets, the user's own or those the chart makes of values.
*/}}

{{/* Whether the throw-away MinIO, or MariaDB, is there: "true" or nothing. */}}
{{- define "recommender.local.minio" -}}
{{- if and .Values.local.enabled .Values.local.minio.enabled }}true{{ end }}
{{- end }}
{{- define "recommender.local.mariadb" -}}
{{- if and .Values.local.enabled .Values.local.mariadb.enabled }}true{{ end }}
{{- end }}

{{/* The sign-in of the throw-away parts: no secret, and the same for everyone. */}}
{{- define "recommender.local.user" -}}shop{{- end }}
{{- define "recommender.local.password" -}}throw-away{{- end }}
{{- define "recommender.local.bucket" -}}recommender{{- end }}

{{- define "recommender.store.url" -}}
{{- if .Values.store.url -}}
{{- .Values.store.url -}}
{{- else if include "recommender.local.minio" . -}}
s3://{{ include "recommender.local.bucket" . }}/shop
{{- end -}}
{{- end }}

{{- define "recommender.store.endpointUrl" -}}
{{- if .Values.store.endpointUrl -}}
{{- .Values.store.endpointUrl -}}
{{- else if and (include "recommender.local.minio" .) (not .Values.store.url) -}}
http://{{ include "recommender.name" (list . "minio") }}:9000
{{- end -}}
{{- end }}

{{/* The Secret with the store's keys; empty where the pods' identity, such as IRSA's, takes their place. */}}
{{- define "recommender.store.secret" -}}
{{- if .Values.store.existingSecret.name -}}
{{- .Values.store.existingSecret.name -}}
{{- else if or .Values.store.accessKeyId (and (include "recommender.local.minio" .) (not .Values.store.url)) -}}
{{- include "recommender.name" (list . "recommender-store") -}}
{{- end -}}
{{- end }}

{{- define "recommender.database.host" -}}
{{- if .Values.database.host -}}
{{- .Values.database.host -}}
{{- else if include "recommender.local.mariadb" . -}}
{{- include "recommender.name" (list . "mariadb") -}}
{{- end -}}
{{- end }}

{{/* Whether the throw-away MariaDB is what the trainer reads: "true" or nothing. */}}
{{- define "recommender.database.isLocal" -}}
{{- $keys := .Values.database.existingSecret.keys -}}
{{- if and (include "recommender.local.mariadb" .) (not (or .Values.database.host .Values.database.url (and .Values.database.existingSecret.name (or $keys.url $keys.host)))) }}true{{ end }}
{{- end }}

{{/* The Secret with the database's password or address. */}}
{{- define "recommender.database.secret" -}}
{{- if .Values.database.existingSecret.name -}}
{{- .Values.database.existingSecret.name -}}
{{- else if or .Values.database.password .Values.database.url (include "recommender.database.isLocal" .) -}}
{{- include "recommender.name" (list . "recommender-database") -}}
{{- end -}}
{{- end }}

{{/* The Secret with the admin token; empty where there is none, and the admin routes are closed. */}}
{{- define "recommender.adminToken.secret" -}}
{{- if .Values.api.adminToken.existingSecret.name -}}
{{- .Values.api.adminToken.existingSecret.name -}}
{{- else if .Values.api.adminToken.value -}}
{{- include "recommender.name" (list . "recommender-admin") -}}
{{- end -}}
{{- end }}

{{/* The Secret with the token that /metrics asks for; empty where it asks for none. */}}
{{- define "recommender.metricsToken.secret" -}}
{{- if .Values.api.metricsToken.existingSecret.name -}}
{{- .Values.api.metricsToken.existingSecret.name -}}
{{- else if .Values.api.metricsToken.value -}}
{{- include "recommender.name" (list . "recommender-metrics") -}}
{{- end -}}
{{- end }}

{{/* The Secret with the address of the monitor's webhook; empty where there is none, and nobody is told. */}}
{{- define "recommender.webhook.secret" -}}
{{- if .Values.monitor.webhook.existingSecret.name -}}
{{- .Values.monitor.webhook.existingSecret.name -}}
{{- else if .Values.monitor.webhook.url -}}
{{- include "recommender.name" (list . "recommender-webhook") -}}
{{- end -}}
{{- end }}

{{/* Whether the API speaks to Kubernetes, for its retrain and rollback routes: "true" or nothing. */}}
{{- define "recommender.api.inCluster" -}}
{{- if and .Values.api.retrain.enabled (include "recommender.adminToken.secret" .) }}true{{ end }}
{{- end }}

{{/* A setting's value as a string of a ConfigMap. Helm reads numbers as floats: 1048576 must not become 1.048576e+06. */}}
{{- define "recommender.settings.value" -}}
{{- if kindIs "string" . }}{{ . | quote }}{{ else }}{{ toRawJson . | quote }}{{ end }}
{{- end }}

{{/* Settings as data of a ConfigMap; an empty one is left out. */}}
{{- define "recommender.settings.data" -}}
{{- range $name, $value := . }}
{{- if not (or (kindIs "invalid" $value) (eq (toString $value) "")) }}
{{ $name }}: {{ include "recommender.settings.value" $value }}
{{- end }}
{{- end }}
{{- end }}

{{/* What every process is told: where the store is, and how to log. */}}
{{- define "recommender.settings.everywhere" -}}
{{- include "recommender.settings.data" (dict
  "STORE_URL" (include "recommender.store.url" .)
  "S3_ENDPOINT_URL" (include "recommender.store.endpointUrl" .)
  "AWS_REGION" .Values.store.region
  "LOG_FORMAT" .Values.logging.format
  "LOG_LEVEL" .Values.logging.level
) }}
{{- end }}

{{/* Where the database is, as far as no Secret says it. */}}
{{- define "recommender.settings.database" -}}
{{- $secret := .Values.database.existingSecret -}}
{{- $keys := empty $secret.name | not | ternary $secret.keys dict -}}
{{- if not (or .Values.database.url $keys.url) -}}
{{- $default := include "recommender.local.mariadb" . | empty | not | ternary (include "recommender.local.user" .) "" -}}
{{- $settings := dict "host" (include "recommender.database.host" .) "port" .Values.database.port -}}
{{- $_ := set $settings "name" (.Values.database.name | default $default) -}}
{{- $_ := set $settings "user" (.Values.database.user | default $default) -}}
{{- range $name, $value := $settings }}
{{- if not (get $keys $name) }}
{{- include "recommender.settings.data" (dict (printf "DB_%s" (upper $name)) $value) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* What the objects are called that the trainer and the monitor speak to. */}}
{{- define "recommender.settings.cluster" -}}
{{- include "recommender.settings.data" (dict
  "TRAINER_CRONJOB" (include "recommender.name" (list . "trainer"))
  "TRAINER_LEASE" (include "recommender.name" (list . "trainer"))
  "API_DEPLOYMENT" (include "recommender.name" (list . "api"))
  "API_PORT" 8000
) }}
{{- end }}

{{/* What the trainer is told by its ConfigMap. */}}
{{- define "recommender.trainer.settings" -}}
{{- $code := .Values.trainer.code -}}
{{- include "recommender.settings.everywhere" . }}
{{- include "recommender.settings.database" . }}
{{- include "recommender.settings.data" (dict
  "EVENTS" (empty .Values.trainer.events | ternary "" (toRawJson .Values.trainer.events))
  "GATE" (empty .Values.trainer.gate | ternary "" (toRawJson .Values.trainer.gate))
  "TRAINER_CLASS" $code.class
  "PYTHONPATH" (or $code.files $code.configMap | empty | not | ternary "/opt/shop" "")
  "ROLLOUT_SECONDS" .Values.trainer.rolloutSeconds
  "ROLLOUT_WATCH_SECONDS" .Values.trainer.rolloutWatchSeconds
) }}
{{- /* Empty, it says that there is no catalogue. */}}
{{- if not (kindIs "invalid" .Values.trainer.catalogueSql) }}
CATALOGUE_SQL: {{ .Values.trainer.catalogueSql | quote }}
{{- end }}
{{- include "recommender.settings.cluster" . }}
{{- if include "recommender.trainer.isDistributed" . }}
{{- include "recommender.settings.data" (dict "DASK_SECRET" (include "recommender.name" (list . "trainer-dask"))) }}
{{- end }}
{{- include "recommender.settings.data" .Values.settings }}
{{- end }}

{{/* What the monitor is told by its ConfigMap. */}}
{{- define "recommender.monitor.settings" -}}
{{- include "recommender.settings.everywhere" . }}
{{- include "recommender.settings.cluster" . }}
{{- include "recommender.settings.data" (dict
  "MONITOR_HEAL" .Values.monitor.heal
  "MONITOR_WEBHOOK_FORMAT" .Values.monitor.webhook.format
) }}
{{- include "recommender.settings.data" .Values.settings }}
{{- end }}

{{/* Environment entries, as a YAML list: `fromYamlArray` makes a list of them. */}}

{{- define "recommender.env.fromSecret" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key | quote }}
{{- end }}

{{- define "recommender.env.fromField" -}}
- name: {{ .name }}
  valueFrom:
    fieldRef:
      apiVersion: v1
      fieldPath: {{ .field }}
{{- end }}

{{- define "recommender.env.store" -}}
{{- with include "recommender.store.secret" . }}
{{ include "recommender.env.fromSecret" (dict "name" "AWS_ACCESS_KEY_ID" "secret" . "key" $.Values.store.existingSecret.keys.accessKeyId) }}
{{ include "recommender.env.fromSecret" (dict "name" "AWS_SECRET_ACCESS_KEY" "secret" . "key" $.Values.store.existingSecret.keys.secretAccessKey) }}
{{- end }}
{{- end }}

{{/* For the API, which asks for the token, and the trainer, which shows it. */}}
{{- define "recommender.env.metricsToken" -}}
{{- with include "recommender.metricsToken.secret" . }}
{{ include "recommender.env.fromSecret" (dict "name" "METRICS_TOKEN" "secret" . "key" $.Values.api.metricsToken.existingSecret.key) }}
{{- end }}
{{- end }}

{{- define "recommender.env.webhook" -}}
{{- with include "recommender.webhook.secret" . }}
{{ include "recommender.env.fromSecret" (dict "name" "MONITOR_WEBHOOK_URL" "secret" . "key" $.Values.monitor.webhook.existingSecret.key) }}
{{- end }}
{{- end }}

{{- define "recommender.env.database" -}}
{{- $keys := .Values.database.existingSecret.keys -}}
{{- $named := not (empty .Values.database.existingSecret.name) -}}
{{- with include "recommender.database.secret" . }}
{{- if and $named $keys.url }}
{{ include "recommender.env.fromSecret" (dict "name" "DATABASE_URL" "secret" . "key" $keys.url) }}
{{- else if $named }}
{{- $secret := . }}
{{- range $name := list "host" "port" "name" "user" "password" }}
{{- with get $keys $name }}
{{ include "recommender.env.fromSecret" (dict "name" (printf "DB_%s" (upper $name)) "secret" $secret "key" .) }}
{{- end }}
{{- end }}
{{- else if $.Values.database.url }}
{{ include "recommender.env.fromSecret" (dict "name" "DATABASE_URL" "secret" . "key" "url") }}
{{- else }}
{{ include "recommender.env.fromSecret" (dict "name" "DB_PASSWORD" "secret" . "key" "password") }}
{{- end }}
{{- end }}
{{- end }}

{{/* What tells a process of a distributed run which pod it is in, and how the leading one is reached. */}}
{{- define "recommender.env.distributed" -}}
{{ include "recommender.env.fromField" (dict "name" "JOB_NAME" "field" "metadata.labels['batch.kubernetes.io/job-name']") }}
{{ include "recommender.env.fromField" (dict "name" "JOB_COMPLETION_INDEX" "field" "metadata.annotations['batch.kubernetes.io/job-completion-index']") }}
{{ include "recommender.env.fromField" (dict "name" "POD_IP" "field" "status.podIP") }}
- name: DASK_HOST
  value: $(JOB_NAME)-0.{{ include "recommender.name" (list . "trainer-workers") }}
{{- with dig "limits" "memory" "" .Values.trainer.distributed.resources }}
- name: WORKER_MEMORY
  value: {{ . | quote }}
{{- end }}
{{- end }}

{{/* What tells a process that it is in a cluster, and where. */}}
{{- define "recommender.env.cluster" -}}
{{ include "recommender.env.fromField" (dict "name" "CLUSTER_NAMESPACE" "field" "metadata.namespace") }}
{{ include "recommender.env.fromField" (dict "name" "POD_NAME" "field" "metadata.name") }}
{{- end }}
