{{/* Lets KEDA ask the autoscaler how many replicas a fleet should have; takes { root, name, fleet, nodes }. */}}
{{- define "darkroom.scaledObject" -}}
{{- $scaling := .root.Values.autoscaler }}
{{- $labels := list }}{{ range $name, $value := include "darkroom.selector" . | fromYaml }}{{ $labels = append $labels (printf "%s=%s" $name $value) }}{{ end }}
{{- $nodeLabels := list }}{{ range $name, $value := .nodes }}{{ $nodeLabels = append $nodeLabels (printf "%s=%s" $name $value) }}{{ end }}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {{ include "darkroom.fullname" . }}
  labels: {{- include "darkroom.labels" . | nindent 4 }}
spec:
  scaleTargetRef: { name: {{ include "darkroom.fullname" . }} }
  pollingInterval: {{ $scaling.pollingInterval }}
  cooldownPeriod: {{ $scaling.cooldownPeriod }}
  minReplicaCount: {{ .fleet.replicas.min }}
  maxReplicaCount: {{ .fleet.replicas.max }}
  fallback:
    failureThreshold: {{ $scaling.failureThreshold }}
    {{- if kindIs "invalid" .fleet.fallbackReplicas }}
    replicas: {{ max 1 (int .fleet.replicas.min) }}
    behavior: currentReplicasIfHigher
    {{- else }}
    replicas: {{ .fleet.fallbackReplicas }}
    {{- end }}
  advanced:
    # The autoscaler itself keeps a fleet from shrinking too soon.
    horizontalPodAutoscalerConfig: { behavior: { scaleDown: { stabilizationWindowSeconds: 0 } } }
  triggers:
    # Pushed, so that a fleet at zero hears of work within a second.
    - type: external-push
      {{- if .root.Values.internalTls.enabled }}
      authenticationRef: { name: {{ .root.Release.Name }}-internal-tls }
      {{- end }}
      metadata:
        scalerAddress: {{ printf "%s-autoscaler.%s:50051" .root.Release.Name .root.Release.Namespace }}
        model: {{ .fleet.model }}
        latencySeconds: {{ int64 .fleet.latencySeconds | quote }}
        coldStartSeconds: {{ int64 .fleet.coldStartSeconds | quote }}
        scaleDownSeconds: {{ int64 .fleet.scaleDownSeconds | quote }}
        utilisation: {{ .fleet.utilisation | quote }}
        share: {{ .fleet.share | quote }}
        minReplicas: {{ int64 .fleet.replicas.min | quote }}
        maxReplicas: {{ int64 .fleet.replicas.max | quote }}
        podsMayWait: {{ int64 .fleet.podsMayWait | quote }}
        podLabels: {{ join "," $labels | quote }}
        {{- with $nodeLabels }}
        nodeLabels: {{ join "," . | quote }}
        {{- end }}
        {{- with .fleet.gpu }}
        resource: {{ .resource }}
        perReplica: {{ int64 .count | quote }}
        {{- else }}
        resource: memory
        perReplica: {{ include "darkroom.bytes" .fleet.resources.requests.memory | quote }}
        {{- end }}
{{- end }}

{{/* An amount of memory in bytes; takes a quantity in Mi or Gi. */}}
{{- define "darkroom.bytes" -}}
{{- if hasSuffix "Gi" . }}{{ mul (trimSuffix "Gi" . | int64) 1073741824 }}
{{- else }}{{ mul (trimSuffix "Mi" . | int64) 1048576 }}{{ end }}
{{- end }}
