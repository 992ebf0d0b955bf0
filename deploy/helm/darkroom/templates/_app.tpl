{{/* A stage on the CPU: its Deployment, Service, account, budget and, where it may grow, scaler; takes what "darkroom.pod" does. */}}
{{- define "darkroom.app" -}}
{{- $replicas := .settings.replicas | default (dict "min" 1 "max" 1) }}
{{- $grows := gt (int $replicas.max) (int $replicas.min) }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "darkroom.fullname" . }}
  labels: {{- include "darkroom.labels" . | nindent 4 }}
spec:
  {{- if not $grows }}
  replicas: {{ $replicas.min }}
  {{- end }}
  strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  selector: { matchLabels: {{ include "darkroom.selector" . | fromYaml | toJson }} }
  template: {{- include "darkroom.pod" . | nindent 4 }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ include "darkroom.fullname" . }}
  labels: {{- include "darkroom.labels" . | nindent 4 }}
spec:
  selector: {{- include "darkroom.selector" . | nindent 4 }}
  ports:
    - { name: http, port: 8080, targetPort: http }
    {{- if .grpc }}
    - { name: grpc, port: 50051, targetPort: grpc, appProtocol: {{ ternary "https" "kubernetes.io/h2c" .root.Values.internalTls.enabled }} }
    {{- end }}
---
{{ include "darkroom.account" . }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "darkroom.fullname" . }}
  labels: {{- include "darkroom.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector: { matchLabels: {{ include "darkroom.selector" . | fromYaml | toJson }} }
{{- if $grows }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "darkroom.fullname" . }}
  labels: {{- include "darkroom.labels" . | nindent 4 }}
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: {{ include "darkroom.fullname" . }} }
  minReplicas: {{ $replicas.min }}
  maxReplicas: {{ $replicas.max }}
  metrics:
    - type: Resource
      resource: { name: cpu, target: { type: Utilization, averageUtilization: {{ .root.Values.horizontalScaling.cpuUtilization }} } }
{{- end }}
{{- end }}

{{/* The account that an app runs as; it may ask the Kubernetes API nothing unless a role says so. */}}
{{- define "darkroom.account" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .root.Release.Name }}-{{ .name }}
  labels: {{- include "darkroom.labels" (omit . "fleet") | nindent 4 }}
  {{- with .settings.serviceAccountAnnotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end }}
