{{/*
Names and labels. The names of the CronJobs, the Deployment, the Service and the ServiceAccounts are what users type:
they are those of their component, with namePrefix before it.
*/}}

{{/* The name of a component's objects: include "recommender.name" (list $ "trainer") */}}
{{- define "recommender.name" -}}
{{- $root := index . 0 -}}
{{- with $root.Values.namePrefix }}{{ . }}-{{ end }}{{ index . 1 }}
{{- end }}

{{/* The labels by which a component's pods are found. They never change: a Deployment's selector is immutable. */}}
{{- define "recommender.selectorLabels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* The labels of a component's objects: include "recommender.labels" (list $ "trainer" .Values.trainer.labels) */}}
{{- define "recommender.labels" -}}
{{- $root := index . 0 -}}
{{- $own := dict -}}
{{- if gt (len .) 2 }}{{ $own = index . 2 | default dict }}{{ end -}}
{{- $fixed := include "recommender.selectorLabels" . | fromYaml -}}
{{- $_ := set $fixed "app.kubernetes.io/part-of" "recommender" -}}
{{- $_ := set $fixed "app.kubernetes.io/version" $root.Chart.AppVersion -}}
{{- $_ := set $fixed "app.kubernetes.io/managed-by" $root.Release.Service -}}
{{- $_ := set $fixed "helm.sh/chart" (printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-") -}}
{{- mergeOverwrite (deepCopy ($root.Values.labels | default dict)) $own $fixed | toYaml }}
{{- end }}

{{/* An object's metadata: (dict "root" $ "name" "api" "component" "api" "labels" … "annotations" …); fullName beats name. */}}
{{- define "recommender.metadata" -}}
name: {{ .fullName | default (include "recommender.name" (list .root .name)) }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "recommender.labels" (list .root .component .labels) | nindent 2 }}
{{- with mergeOverwrite (deepCopy (.root.Values.annotations | default dict)) (.annotations | default dict) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The name of a component's ServiceAccount: include "recommender.serviceAccount" (list $ "trainer" .Values.trainer) */}}
{{- define "recommender.serviceAccount" -}}
{{- $account := (index . 2).serviceAccount -}}
{{- if $account.create -}}
{{- $account.name | default (include "recommender.name" .) -}}
{{- else -}}
{{- $account.name | default "default" -}}
{{- end -}}
{{- end }}

{{/* An image of this project: include "recommender.image" (list $ .Values.trainer.image) */}}
{{- define "recommender.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- $global := $root.Values.global | default dict -}}
{{- with $image.registry | default $root.Values.image.registry | default $global.imageRegistry }}{{ trimSuffix "/" . }}/{{ end -}}
{{- include "recommender.imageName" (list $image $root.Chart.AppVersion) -}}
{{- end }}

{{/* An image's name with its digest, else its tag, else a default tag. */}}
{{- define "recommender.imageName" -}}
{{- $image := index . 0 -}}
{{- $image.repository -}}
{{- if $image.digest -}}@{{ $image.digest }}{{- else -}}:{{ $image.tag | default (index . 1) }}{{- end -}}
{{- end }}
