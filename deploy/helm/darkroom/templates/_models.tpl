{{/* Lists the models of an app as the fetcher reads them, as JSON; takes { models }. */}}
{{- define "darkroom.modelSources" -}}
{{- $sources := list }}
{{- range .models }}
{{- $source := dict "name" .name "digest" .digest }}
{{- if .claim }}
{{- $_ := set $source "from" (printf "file:///claims/%s/%s" .claim (.path | default .name)) }}
{{- $_ := set $source "in_place" true }}
{{- else if eq .from "image" }}
{{- $_ := set $source "from" (printf "file:///app/models/%s" .name) }}
{{- else }}
{{- $_ := set $source "from" .from }}
{{- end }}
{{- $sources = append $sources $source }}
{{- end }}
{{- toJson $sources }}
{{- end }}

{{/* Brings the models before the service starts; takes { root, models }. */}}
{{- define "darkroom.modelFetcher" -}}
- name: models
  image: {{ include "darkroom.image" (dict "root" .root "name" "model-fetcher") }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  env:
    - { name: LOG_LEVEL, value: {{ .root.Values.logLevel }} }
    - { name: MODEL_SOURCES, value: {{ include "darkroom.modelSources" . | quote }} }
    - { name: MODELS_DIR, value: /models }
    - { name: MODEL_CACHE_DIR, value: /cache }
    {{- include "darkroom.env.s3" . | nindent 4 }}
    {{- include "darkroom.env.authorities" . | nindent 4 }}
  securityContext: {{- include "darkroom.containerSecurity" . | nindent 4 }}
  resources:
    requests: { cpu: 100m, memory: 128Mi }
    limits: { cpu: "2", memory: 512Mi }
  volumeMounts:
    - { name: models, mountPath: /models }
    - { name: cache, mountPath: /cache }
    {{- include "darkroom.authoritiesMount" . | nindent 4 }}
    {{- include "darkroom.claimMounts" . | nindent 4 }}
{{- end }}

{{/* The claims that an app's models lie in; takes { models }. */}}
{{- define "darkroom.claims" -}}
{{- $claims := list }}{{ range .models }}{{ with .claim }}{{ $claims = append $claims . }}{{ end }}{{ end }}{{ uniq $claims | toJson }}
{{- end }}

{{- define "darkroom.claimMounts" -}}
{{- range include "darkroom.claims" . | fromJsonArray }}
- { name: claim-{{ . }}, mountPath: /claims/{{ . }}, readOnly: true }
{{- end }}
{{- end }}

{{- define "darkroom.modelVolumes" -}}
- name: models
  emptyDir: { sizeLimit: 1Mi }
- name: cache
{{- with .root.Values.models.cache }}
{{- if eq .kind "node" }}
  hostPath: { path: {{ .nodePath }}, type: Directory }
{{- else if eq .kind "claim" }}
  persistentVolumeClaim: { claimName: {{ required "models.cache.claim names the claim when models.cache.kind is claim" .claim }} }
{{- else }}
  emptyDir: { sizeLimit: {{ .sizeLimit }} }
{{- end }}
{{- end }}
{{- range include "darkroom.claims" . | fromJsonArray }}
- name: claim-{{ . }}
  persistentVolumeClaim: { claimName: {{ . }}, readOnly: true }
{{- end }}
{{- end }}
