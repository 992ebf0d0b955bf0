import { defineConfig, grpcVariables, modelVariables, serviceVariables, variable } from '@darkroom/service-kit';
import { z } from 'zod';

/** The moderator's configuration. */
export class Config extends defineConfig({
  service: 'moderator',
  summary: 'Gives verdicts on prompts and on images.',
  environment: process.env,
  variables: {
    ...serviceVariables,
    ...grpcVariables,
    ...modelVariables,
    imageClassifier: variable(
      'IMAGE_CLASSIFIER',
      z.string().default('moderation-nsfw'),
      'folder in MODELS_DIR that holds the image classifier',
    ),
  },
}) {}
