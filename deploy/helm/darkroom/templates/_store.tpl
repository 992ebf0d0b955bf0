{{/* What a store keeps its data in; takes its values. */}}
{{- define "darkroom.dataClaim" -}}
- metadata: { name: data }
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .storageClass }}
    storageClassName: {{ . }}
    {{- end }}
    resources: { requests: { storage: {{ .size }} } }
{{- end }}

{{/* Where a store is found; takes { app, port }. */}}
{{- define "darkroom.storeService" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "darkroom.fullname" .app }}
  labels: {{- include "darkroom.labels" .app | nindent 4 }}
spec:
  clusterIP: None
  selector: {{- include "darkroom.selector" .app | nindent 4 }}
  ports:
    - { name: {{ .app.name }}, port: {{ .port }}, targetPort: {{ .app.name }} }
{{- end }}
