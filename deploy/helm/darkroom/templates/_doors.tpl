{{/* The way to a store, in the chart or outside; takes { root, store, inChart, port }. */}}
{{- define "darkroom.storeDoor" -}}
{{- if .inChart -}}
- to: [{ podSelector: { matchLabels: {{ include "darkroom.selector" (dict "root" .root "name" .store) | fromYaml | toJson }} } }]
  ports: [{ port: {{ .port }} }]
{{- else -}}
{{- include "darkroom.outside" (get .root.Values.networkPolicies.outside (ternary "database" "redis" (eq .store "postgresql"))) }}
{{- end }}
{{- end }}

{{/* The way to networks outside, at any port; takes their addresses. */}}
{{- define "darkroom.outside" -}}
- to: {{- range . }}
    - ipBlock: { cidr: {{ . }} }
  {{- end }}
{{- end }}

{{/* Says "yes" when a model comes over the network. */}}
{{- define "darkroom.fetchesModels" -}}
{{- range concat .Values.models.list .Values.models.classifiers (list .Values.models.textClassifier) }}{{ if and .from (ne .from "image") }}yes{{ end }}{{ end }}
{{- end }}
