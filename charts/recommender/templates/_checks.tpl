{{/* What no schema can say: values that only make sense together. Each failure is one line that names the value to set. */}}
{{- define "recommender.checks" -}}
{{- $secret := .Values.database.existingSecret -}}
{{- $named := not (empty $secret.name) -}}
{{- $byUrl := or .Values.database.url (and $named $secret.keys.url) -}}
{{- if not (include "recommender.store.url" .) -}}
{{- include "recommender.fail" "store.url is not set: where the models are kept, such as s3://my-bucket/shop. To try the chart out without a store or a database, add --values values-local.yaml" -}}
{{- end -}}
{{- if and .Values.store.accessKeyId (not .Values.store.secretAccessKey) -}}
{{- include "recommender.fail" "store.secretAccessKey is not set, though store.accessKeyId is" -}}
{{- end -}}
{{- if and .Values.store.secretAccessKey (not .Values.store.accessKeyId) -}}
{{- include "recommender.fail" "store.accessKeyId is not set, though store.secretAccessKey is" -}}
{{- end -}}
{{- if not $byUrl -}}
{{- if not (or (include "recommender.database.host" .) (and $named $secret.keys.host)) -}}
{{- include "recommender.fail" "database.host is not set: the shop's MySQL or MariaDB. Or set database.url, or database.existingSecret.name with database.existingSecret.keys.url" -}}
{{- end -}}
{{- if not (include "recommender.local.mariadb" .) -}}
{{- if not (or .Values.database.name (and $named $secret.keys.name)) -}}
{{- include "recommender.fail" "database.name is not set: the database with the shop's tables" -}}
{{- end -}}
{{- if not (or .Values.database.user (and $named $secret.keys.user)) -}}
{{- include "recommender.fail" "database.user is not set: a database user that may read the shop's tables" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $code := .Values.trainer.code -}}
{{- if and (or $code.files $code.configMap) (not $code.class) -}}
{{- include "recommender.fail" "trainer.code.class is not set: which class of these files to train with, such as my_trainer:MyTrainer" -}}
{{- end -}}
{{- if and $code.files $code.configMap -}}
{{- include "recommender.fail" "trainer.code.files and trainer.code.configMap are both set: one of them has to go" -}}
{{- end -}}
{{- if and .Values.api.autoscaling.enabled (gt (int .Values.api.autoscaling.minReplicas) (int .Values.api.autoscaling.maxReplicas)) -}}
{{- include "recommender.fail" "api.autoscaling.minReplicas is above api.autoscaling.maxReplicas" -}}
{{- end -}}
{{- if and .Values.api.httpRoute.enabled (not .Values.api.httpRoute.parentRefs) -}}
{{- include "recommender.fail" "api.httpRoute.parentRefs is empty: which Gateway serves the route, such as [{name: public}]" -}}
{{- end -}}
{{- if and .Values.api.ingress.enabled (not .Values.api.ingress.hosts) -}}
{{- include "recommender.fail" "api.ingress.hosts is empty: the host names to serve, such as [{host: recommendations.example.com}]" -}}
{{- end -}}
{{- end }}

{{- define "recommender.fail" -}}
{{- fail (printf "\n\n%s\n" .) -}}
{{- end }}
