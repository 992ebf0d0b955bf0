{{- define "darkroom.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* Who a pod's processes are; takes { uid }. */}}
{{- define "darkroom.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .uid }}
runAsGroup: {{ .uid }}
fsGroup: {{ .uid }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{/*
The pod of an app: { root, name, settings } and, where they apply,
  grpc: whether it serves gRPC            models: the models that it reads
  blobs: whether it keeps pictures        server: whether others call it, so that they are told before it stops
  fleet, cuda: a denoiser's               token: whether it asks the Kubernetes API
Its variables are what "darkroom.env.<name>" says besides those of all.
*/}}
{{- define "darkroom.pod" -}}
metadata:
  labels: {{- include "darkroom.labels" . | nindent 4 }}
spec:
  serviceAccountName: {{ .root.Release.Name }}-{{ .name }}
  automountServiceAccountToken: {{ .token | default false }}
  enableServiceLinks: false
  securityContext: {{- include "darkroom.podSecurity" (dict "uid" 10001) | nindent 4 }}
  # A service ends within 10 s of being told to (libs/service-kit, STOP_TIMEOUT_MS); before that its callers have 5 s to hear of it.
  terminationGracePeriodSeconds: {{ ternary 20 15 (.server | default false) }}
  {{- with .root.Values.image.pullSecrets }}
  imagePullSecrets: {{- range . }}
    - name: {{ . }}
  {{- end }}{{ end }}
  {{- with .settings.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .settings.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .settings.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if ne (.settings.spread | default "node") "none" }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: {{ ternary "topology.kubernetes.io/zone" "kubernetes.io/hostname" (eq (.settings.spread | default "node") "zone") }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector: { matchLabels: {{ include "darkroom.selector" . | fromYaml | toJson }} }
  {{- end }}
  {{- if .models }}
  initContainers: {{- include "darkroom.modelFetcher" . | nindent 4 }}
  {{- end }}
  containers:
    - name: {{ .name }}
      image: {{ include "darkroom.image" . }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      env:
        {{- include "darkroom.env.all" . | nindent 8 }}
        {{- include "darkroom.env.authorities" . | nindent 8 }}
        {{- include (printf "darkroom.env.%s" .name) . | nindent 8 }}
      ports:
        - { name: http, containerPort: 8080 }
        {{- if .grpc }}
        - { name: grpc, containerPort: 50051 }
        {{- end }}
      # A service answers /healthz from its first moment on, also while it loads models, which /readyz alone tells.
      startupProbe: { httpGet: { path: /healthz, port: http }, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 30 }
      livenessProbe: { httpGet: { path: /healthz, port: http }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }
      readinessProbe: { httpGet: { path: /readyz, port: http }, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 2 }
      {{- if .server }}
      lifecycle: { preStop: { sleep: { seconds: 5 } } }
      {{- end }}
      securityContext: {{- include "darkroom.containerSecurity" . | nindent 8 }}
      resources: {{- toYaml .settings.resources | nindent 8 }}
      volumeMounts:
        - { name: tmp, mountPath: /tmp }
        - { name: state, mountPath: /var/lib/darkroom/state }
        {{- if .models }}
        - { name: models, mountPath: /models, readOnly: true }
        - { name: cache, mountPath: /cache, readOnly: true }
        {{- include "darkroom.claimMounts" . | nindent 8 }}
        {{- end }}
        {{- if and .blobs (eq .root.Values.blobs.kind "claim") }}
        - { name: blobs, mountPath: /var/lib/darkroom/blobs }
        {{- end }}
        {{- include "darkroom.authoritiesMount" . | nindent 8 }}
        {{- if .root.Values.internalTls.enabled }}
        - { name: internal-tls, mountPath: /etc/darkroom/internal-tls, readOnly: true }
        {{- end }}
        {{- with .certificate }}
        - { name: certificate, mountPath: /certificate, readOnly: true }
        {{- end }}
  volumes:
    - { name: tmp, emptyDir: { sizeLimit: 256Mi } }
    - { name: state, emptyDir: { sizeLimit: 16Mi } }
    {{- if .models }}
    {{- include "darkroom.modelVolumes" . | nindent 4 }}
    {{- end }}
    {{- if and .blobs (eq .root.Values.blobs.kind "claim") }}
    - name: blobs
      persistentVolumeClaim: { claimName: {{ .root.Values.blobs.claim.name | default (printf "%s-blobs" .root.Release.Name) }} }
    {{- end }}
    {{- include "darkroom.authoritiesVolume" . | nindent 4 }}
    {{- if .root.Values.internalTls.enabled }}
    - { name: internal-tls, secret: { secretName: {{ include "darkroom.internalTlsSecret" .root }}, defaultMode: 0440 } }
    {{- end }}
    {{- with .certificate }}
    - { name: certificate, secret: { secretName: {{ . }}, defaultMode: 0440 } }
    {{- end }}
{{- end }}
