import type { Config } from '../config.js';
import { AzureContentSafety } from './azure-content-safety.js';
import { OpenAiModeration } from './openai-moderation.js';

/** Returns the classifiers elsewhere that are configured; each is asked about every prompt and picture, beside those that run here. */
export function remoteClassifiers(config: Config): readonly (OpenAiModeration | AzureContentSafety)[] {
  const timeoutMs = config.remoteClassifierTimeoutMs;
  const { openaiModerationKey: apiKey, azureContentSafetyKey: key, azureContentSafetyEndpoint: endpoint } = config;
  return [
    ...(apiKey === undefined
      ? []
      : [
          new OpenAiModeration({
            baseUrl: config.openaiModerationUrl,
            apiKey,
            model: config.openaiModerationModel,
            timeoutMs,
          }),
        ]),
    ...(key === undefined || endpoint === undefined ? [] : [new AzureContentSafety({ endpoint, key, timeoutMs })]),
  ];
}
