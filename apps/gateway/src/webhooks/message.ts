import { messageIdOf, newMessageId, type Webhook } from '@darkroom/contracts';
import type { GenerationBody, ImageBody, WebhookEvent, WebhookMessageBody } from '@darkroom/contracts/http';
import type { DeliveredMessage } from '@darkroom/service-kit/queue';
import { Webhook as Signer } from 'standardwebhooks';
import type { ShownImage } from '../generations/delivery.js';
import { viewGeneration } from '../generations/generation.views.js';
import type { GenerationState } from '../queue/generation-state.js';

/** Something that webhooks are told, as it waits to be delivered. */
export type Message = EndMessage | TestMessage;

/** What every message has. */
interface Told extends DeliveredMessage {
  /** When it happened, as a date and time of RFC 3339. */
  readonly timestamp: string;
}

/** The end of a generation. */
interface EndMessage extends Told {
  readonly type: WebhookEvent;
  /** The generation without its images' addresses. */
  readonly generation: GenerationBody;
  /** Its images. Their addresses are signed anew at each attempt, since they open for an hour only. */
  readonly blobKeys: readonly string[];
  /** Which of them are held for a reviewer; absent from messages of versions that held none. */
  readonly heldKeys?: readonly string[];
}

/** Nothing but a try whether a webhook can be reached. */
interface TestMessage extends Told {
  readonly type: 'webhook.test';
}

/** Makes the message that tells of a generation's end; undefined while it has not ended. */
export function endMessage(state: GenerationState, endedAtMs: number): EndMessage | undefined {
  const { job, status, result } = state;
  if (status !== 'succeeded' && status !== 'failed' && status !== 'cancelled') return undefined;
  return {
    id: messageIdOf(job.id),
    type: `generation.${status}`,
    timestamp: new Date(endedAtMs).toISOString(),
    generation: viewGeneration(state, [], undefined),
    blobKeys: (result?.images ?? []).map(({ blobKey }) => blobKey),
    heldKeys: (result?.images ?? []).filter(({ held }) => held).map(({ blobKey }) => blobKey),
  };
}

/** Makes a message that only tries whether a webhook can be reached. */
export function testMessage(): TestMessage {
  return { id: newMessageId(), type: 'webhook.test', timestamp: new Date().toISOString() };
}

/** Makes what is posted of a message. */
export async function renderMessage(
  message: Message,
  webhook: Pick<Webhook, 'id'>,
  show: (images: readonly ShownImage[]) => Promise<ImageBody[]>,
): Promise<WebhookMessageBody> {
  const { type, timestamp } = message;
  if (type === 'webhook.test') return { type, timestamp, data: { webhook: webhook.id } };
  const { generation, blobKeys, heldKeys = [] } = message;
  const images = await show(blobKeys.map((blobKey) => ({ blobKey, held: heldKeys.includes(blobKey) })));
  return { type, timestamp, data: { ...generation, data: generation.data && images } };
}

/** Makes the headers that Standard Webhooks asks for, with one signature by each secret. */
export function signedHeaders(id: string, body: string, secrets: readonly string[], at: Date) {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Signer(secret).sign(id, at, body)).join(' '),
  };
}
