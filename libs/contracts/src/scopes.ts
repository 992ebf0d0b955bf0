/** What an API key may be for; a key has one or more. */
export const scopes = ['generate', 'read', 'usage', 'webhooks'] as const;

/** One thing that an API key may be for. */
export type Scope = (typeof scopes)[number];
