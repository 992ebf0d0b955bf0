{{/* What every service is told; takes { root, name, grpc, models }. */}}
{{- define "darkroom.env.all" -}}
- { name: HTTP_HOST, value: 0.0.0.0 }
- { name: HTTP_PORT, value: "8080" }
- { name: LOG_LEVEL, value: {{ .root.Values.logLevel }} }
- { name: DARKROOM_STATE_DIR, value: /var/lib/darkroom/state }
{{- if .grpc }}
- { name: GRPC_HOST, value: 0.0.0.0 }
- { name: GRPC_PORT, value: "50051" }
{{- end }}
{{- if .root.Values.internalTls.enabled }}
- { name: GRPC_TLS_CERT, value: /etc/darkroom/internal-tls/tls.crt }
- { name: GRPC_TLS_KEY, value: /etc/darkroom/internal-tls/tls.key }
- { name: GRPC_TLS_CA, value: /etc/darkroom/internal-tls/ca.crt }
{{- end }}
{{- /* KEDA, which alone calls the autoscaler, can show no token. */}}
{{- if and .root.Values.internalToken.enabled (ne .name "autoscaler") }}
{{ include "darkroom.secret" (dict "root" .root "variable" "GRPC_TOKEN" "key" "grpc-token") }}
{{- end }}
{{- if .models }}
- { name: MODELS_DIR, value: /models }
{{- end }}
{{- with .root.Values.traces }}{{ if .endpoint }}
- { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ .endpoint | quote }} }
- { name: OTEL_TRACES_SAMPLER_ARG, value: {{ .ratio | quote }} }
{{- if .hasHeaders }}
{{ include "darkroom.secret" (dict "root" $.root "variable" "OTEL_EXPORTER_OTLP_HEADERS" "key" "otlp-headers") }}
{{- end }}
{{- end }}{{ end }}
{{- end }}

{{- define "darkroom.env.redis" -}}
{{ include "darkroom.secret" (dict "root" .root "variable" "REDIS_URL" "key" "redis-url") }}
{{- end }}

{{- define "darkroom.env.s3" -}}
{{- with .root.Values.blobs.s3 -}}
- { name: S3_REGION, value: {{ .region }} }
{{- if .endpoint }}
- { name: S3_ENDPOINT, value: {{ .endpoint | quote }} }
{{- end }}
{{- if .hasCredentials }}
{{ include "darkroom.secret" (dict "root" $.root "variable" "AWS_ACCESS_KEY_ID" "key" "s3-access-key-id") }}
{{ include "darkroom.secret" (dict "root" $.root "variable" "AWS_SECRET_ACCESS_KEY" "key" "s3-secret-access-key") }}
{{- end }}
{{- end }}
{{- end }}

{{- define "darkroom.env.blobs" -}}
{{- with .root.Values.blobs }}
{{- if eq .kind "s3" -}}
- { name: BLOB_STORE_URL, value: {{ printf "s3://%s/%s" .s3.bucket .s3.prefix | trimSuffix "/" | quote }} }
{{ include "darkroom.env.s3" $ }}
{{- else -}}
- { name: BLOB_STORE_URL, value: file:///var/lib/darkroom/blobs }
{{- end }}
{{- end }}
{{- end }}

{{/* Where other services are; takes { root, services }. */}}
{{- define "darkroom.env.neighbours" -}}
{{- range $name := .services }}
- name: {{ $name | replace "-" "_" | upper }}_ADDRESS
  value: {{ include "darkroom.grpcAddress" (dict "root" $.root "name" $name) }}
{{- end }}
{{- end }}
