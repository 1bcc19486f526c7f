{{/* Pieces of NetworkPolicies. Traffic to other clouds and clusters is limited by port: the addresses are not known here. */}}

{{/* (dict "root" $ "name" "api" "component" "api") */}}
{{- define "recommender.network.head" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "recommender.metadata" (dict "root" .root "name" .name "component" .component) | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "recommender.selectorLabels" (list .root .component) | nindent 6 }}
  policyTypes: [Ingress, Egress]
{{- end }}

{{/* Pods of a component as a peer: (list $ "trainer") */}}
{{- define "recommender.network.pods" -}}
- podSelector:
    matchLabels:
      {{- include "recommender.selectorLabels" . | nindent 6 }}
{{- end }}

{{- define "recommender.network.toDns" -}}
- ports:
    {{- range .Values.networkPolicy.dnsPorts }}
    - {port: {{ . }}, protocol: UDP}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
{{- end }}

{{- define "recommender.network.toKubernetes" -}}
- ports:
    {{- range .Values.networkPolicy.kubernetesPorts }}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
{{- end }}

{{/* Where the API sends its traces; nothing where it sends none. */}}
{{- define "recommender.network.toTraces" -}}
{{- with .Values.api.settings.OTEL_EXPORTER_OTLP_ENDPOINT -}}
{{- $url := urlParse . -}}
- ports:
    - {port: {{ regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default (eq $url.scheme "http" | ternary "80" "443") }}, protocol: TCP}
{{- end }}
{{- end }}

{{/* The store: the endpoint's port, and 443, where clouds hand out keys too. */}}
{{- define "recommender.network.toStore" -}}
{{- $url := include "recommender.store.endpointUrl" . | default "https://s3" | urlParse -}}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default (eq $url.scheme "http" | ternary "80" "443") -}}
- ports:
    {{- range list $port "443" | uniq }}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
{{- end }}

{{- define "recommender.network.toDatabase" -}}
{{- $port := .Values.database.port | toString -}}
{{- with .Values.database.url }}{{ $port = regexFind "[0-9]+$" (regexFind ":[0-9]+$" (urlParse .).host) | default "3306" }}{{ end -}}
- ports:
    - {port: {{ $port }}, protocol: TCP}
{{- end }}

{{/* The API's replicas: trainer and monitor ask each for the version it serves, the test for a recommendation, and a replica
tells the others who was erased. */}}
{{- define "recommender.network.toApi" -}}
- to:
    {{- include "recommender.network.pods" (list . "api") | nindent 4 }}
  ports:
    - {port: 8000, protocol: TCP}
{{- end }}
