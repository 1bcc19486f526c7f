{{/* The labels by which Prometheus tells this release's API: those that a ServiceMonitor gives, or alerts.selector. */}}
{{- define "recommender.alerts.selector" -}}
{{- .Values.alerts.selector | default (printf "namespace=%q,service=%q" .Release.Namespace (include "recommender.name" (list . "api"))) -}}
{{- end }}

{{/* alerts/rules.yaml with values in place of $(…). */}}
{{- define "recommender.alerts.rules" -}}
{{- $alerts := .Values.alerts -}}
{{- $rules := .Files.Get "alerts/rules.yaml" -}}
{{- $values := dict
  "name" (include "recommender.name" (list . "recommender"))
  "selector" (include "recommender.alerts.selector" .)
  "runbooks" (.Values.settings.RUNBOOK_URL | default "docs/runbooks" | trimSuffix "/")
  "errorRatio" $alerts.errorRatio
  "latencySeconds" $alerts.latencySeconds
  "monitorSilentHours" $alerts.monitorSilentHours
  "maxModelAgeDays" (.Values.settings.MAX_MODEL_AGE_DAYS | default 7)
-}}
{{- range $name, $value := $values }}
{{- $rules = replace (printf "$(%s)" $name) (toString $value) $rules }}
{{- end }}
{{- $rules }}
{{- end }}
