import {
  addressSchema,
  ConfigError,
  defineConfig,
  grpcVariables,
  integerSchema,
  keySchema,
  modelVariables,
  namesSchema,
  redisVariables,
  serviceVariables,
  variable,
} from '@darkroom/service-kit';
import { z } from 'zod';

const remoteUrl = z.url({ protocol: /^https?$/, hostname: /.*/, error: 'expected https://host' });

/** The moderator's variables, each by itself. */
class Variables extends defineConfig({
  service: 'moderator',
  summary: 'Gives verdicts on prompts and on images.',
  environment: process.env,
  variables: {
    ...serviceVariables,
    ...grpcVariables,
    ...modelVariables,
    ...redisVariables,
    controlPlaneAddress: variable(
      'CONTROL_PLANE_ADDRESS',
      addressSchema.optional(),
      'where the control plane listens, which has the policies of tenants; unset means that those who have one of their own get no verdicts',
    ),
    imageClassifiers: variable(
      'IMAGE_CLASSIFIERS',
      namesSchema.transform((names) => names ?? ['moderation-nsfw']),
      'folders in MODELS_DIR that hold image classifiers, separated by commas; each judges every picture; unset means moderation-nsfw',
    ),
    textClassifiers: variable(
      'MODERATION_TEXT_CLASSIFIER',
      namesSchema.transform((names) => names ?? ['moderation-text']).transform((names) => (names.join() === 'none' ? [] : names)),
      'folders in MODELS_DIR that hold text classifiers, separated by commas; each judges every prompt beside the rules; none means that only rules judge; unset means moderation-text',
    ),
    openaiModerationKey: variable(
      'OPENAI_MODERATION_KEY',
      z.string().min(1).optional(),
      "key of OpenAI's moderation endpoint, which then judges prompts and pictures too; unset means it is not asked",
      { secret: true },
    ),
    openaiModerationUrl: variable(
      'OPENAI_MODERATION_URL',
      remoteUrl.default('https://api.openai.com/v1'),
      'address of that API, or of one that speaks its language',
    ),
    openaiModerationModel: variable('OPENAI_MODERATION_MODEL', z.string().default('omni-moderation-latest'), 'its model'),
    azureContentSafetyEndpoint: variable(
      'AZURE_CONTENT_SAFETY_ENDPOINT',
      remoteUrl.optional(),
      'address of an Azure AI Content Safety resource, which then judges prompts and pictures too; needs its key',
    ),
    azureContentSafetyKey: variable('AZURE_CONTENT_SAFETY_KEY', z.string().min(1).optional(), 'its key', { secret: true }),
    remoteClassifierTimeoutMs: variable(
      'REMOTE_CLASSIFIER_TIMEOUT_MS',
      integerSchema(100, 60_000).default(3_000),
      'longest wait for a classifier that runs elsewhere; without its answer nothing passes',
    ),
    moderation: variable(
      'MODERATION',
      z.enum(['on', 'off'], 'expected on or off').default('on'),
      'off lets all pass but what no policy may let through: for a red team alone',
    ),
    moderationOffAcknowledged: variable(
      'MODERATION_OFF_ACKNOWLEDGED',
      z.literal('red-team', 'expected red-team').optional(),
      'red-team says that MODERATION=off is meant',
    ),
    auditKey: variable(
      'AUDIT_KEY',
      keySchema.optional(),
      'key of the hashes by which the audit log knows what was judged, 32 bytes in base64; unset means one that is made once and kept in DARKROOM_STATE_DIR',
      { secret: true },
    ),
  },
}) {}

/** The moderator's configuration. */
export class Config extends Variables {
  /** @throws {ConfigError} Thrown when moderation is off and that was said only once, or when it is on and said to be off. */
  constructor(values: Variables) {
    super(values);
    const isOff = values.moderation === 'off';
    if (isOff === (values.moderationOffAcknowledged !== undefined)) return;
    throw new ConfigError(
      isOff
        ? "moderator can't start with MODERATION=off alone: a red team sets MODERATION_OFF_ACKNOWLEDGED=red-team too, everybody else MODERATION=on"
        : "moderator can't start with MODERATION_OFF_ACKNOWLEDGED while MODERATION is on: unset it, so that it excuses no mistake later",
    );
  }
}
