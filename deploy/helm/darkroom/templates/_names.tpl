{{/* The labels of an app's objects; takes { root, name }. */}}
{{- define "darkroom.labels" -}}
{{ include "darkroom.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* What selects an app's pods; takes { root, name, fleet }. */}}
{{- define "darkroom.selector" -}}
app.kubernetes.io/name: darkroom
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- with .fleet }}
darkroom/fleet: {{ .name }}
{{- end }}
{{- end }}

{{/* The name of an app's objects; takes { root, name, fleet }. */}}
{{- define "darkroom.fullname" -}}
{{- printf "%s-%s" .root.Release.Name .name }}{{ with .fleet }}-{{ .name }}{{ end }}
{{- end }}

{{/* An app's image; takes { root, name, cuda }. */}}
{{- define "darkroom.image" -}}
{{- $image := .root.Values.image -}}
{{ $image.registry }}/{{ .name }}{{ if .cuda }}-cuda{{ end }}:{{ $image.tag | default .root.Chart.AppVersion }}
{{- end }}

{{/* Where an app's gRPC server is; takes { root, name }. */}}
{{- define "darkroom.grpcAddress" -}}
{{ include "darkroom.fullname" . }}:50051
{{- end }}

{{/* A variable that comes from the Secret; takes { root, variable, key }. */}}
{{- define "darkroom.secret" -}}
- name: {{ .variable }}
  valueFrom: { secretKeyRef: { name: {{ .root.Values.secretName }}, key: {{ .key }} } }
{{- end }}

{{/* Authorities that Node trusts beside its own: the variable, the mount and the volume; each takes { root }. */}}
{{- define "darkroom.env.authorities" -}}
{{- if .root.Values.authorities.configMap -}}
- { name: NODE_EXTRA_CA_CERTS, value: /etc/darkroom/authorities/ca.crt }
{{- end }}
{{- end }}

{{- define "darkroom.authoritiesMount" -}}
{{- if .root.Values.authorities.configMap -}}
- { name: authorities, mountPath: /etc/darkroom/authorities, readOnly: true }
{{- end }}
{{- end }}

{{- define "darkroom.authoritiesVolume" -}}
{{- with .root.Values.authorities.configMap -}}
- { name: authorities, configMap: { name: {{ . }}, items: [{ key: ca.crt, path: ca.crt }] } }
{{- end }}
{{- end }}

{{/* The Secret with the certificate that services show each other. */}}
{{- define "darkroom.internalTlsSecret" -}}
{{ .Values.internalTls.secret | default (printf "%s-internal-tls" .Release.Name) }}
{{- end }}

{{/* The served models' names, with commas. */}}
{{- define "darkroom.modelNames" -}}
{{- $names := list }}{{ range .Values.models.list }}{{ $names = append $names .name }}{{ end }}{{ join "," $names }}
{{- end }}
