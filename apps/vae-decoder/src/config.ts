import { defineConfig, grpcVariables, modelListVariables, modelVariables, serviceVariables } from '@darkroom/service-kit';

/** The VAE decoder's configuration. */
export class Config extends defineConfig({
  service: 'vae-decoder',
  summary: 'Turns latents into encoded images.',
  environment: process.env,
  variables: { ...serviceVariables, ...grpcVariables, ...modelVariables, ...modelListVariables },
}) {}
