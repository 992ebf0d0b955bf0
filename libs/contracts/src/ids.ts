import { v7 as uuidv7 } from 'uuid';

/** Makes the id of a generation, which is job id, trace attribute and object key alike; ids sort by the time they were made. */
export function newGenerationId(): string {
  return `gen_${uuidv7()}`;
}

/** Returns the first and the last of the ids that generations made within some Unix milliseconds can have. */
export function generationIdsOf(fromMs: number, toMs: number): readonly [string, string] {
  return [idOfMoment(fromMs, '0'), idOfMoment(toMs, 'f')];
}

/** Makes the id of a tenant. */
export function newTenantId(): string {
  return `ten_${uuidv7()}`;
}

/** Makes the id of an API key; it names the key and is no secret. */
export function newKeyId(): string {
  return `key_${uuidv7()}`;
}

/** Makes the id of an operator who signs in with a password. */
export function newOperatorId(): string {
  return `opr_${uuidv7()}`;
}

/** Makes the id of a webhook. */
export function newWebhookId(): string {
  return `whk_${uuidv7()}`;
}

/** Makes the id of a message to a webhook that tells of no generation. */
export function newMessageId(): string {
  return `msg_${uuidv7()}`;
}

/** Makes the id of a decision of moderation, under which the audit log has it. */
export function newDecisionId(): string {
  return `dec_${uuidv7()}`;
}

/** Makes the id of something that somebody did in a review, with a policy or over the admin API, under which the audit log has it. */
export function newActId(): string {
  return `act_${uuidv7()}`;
}

/** Names the message that tells of a generation's end, always the same, so that it is told once. */
export function messageIdOf(generationId: string): string {
  return generationId.replace(/^gen_/, 'msg_');
}

/** Tells whether a text has the form of a generation's id. */
export function isGenerationId(text: string): boolean {
  return isId('gen_', text);
}

/** Tells whether a text has the form of a webhook's id. */
export function isWebhookId(text: string): boolean {
  return isId('whk_', text);
}

/** Tells whether a text has the form of a message's id. */
export function isMessageId(text: string): boolean {
  return isId('msg_', text);
}

/** Tells whether a text has the form of a decision's id. */
export function isDecisionId(text: string): boolean {
  return isId('dec_', text);
}

function isId(prefix: string, text: string): boolean {
  return text.startsWith(prefix) && uuidOfVersion7.test(text.slice(prefix.length));
}

function idOfMoment(atMs: number, rest: string): string {
  const time = Math.max(0, Math.trunc(atMs)).toString(16).padStart(12, '0');
  return `gen_${time.slice(0, 8)}-${time.slice(8)}-${[4, 4, 12].map((length) => rest.repeat(length)).join('-')}`;
}

const uuidOfVersion7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
