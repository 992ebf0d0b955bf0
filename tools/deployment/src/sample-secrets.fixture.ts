const samples: Readonly<Record<string, string>> = {
  'admin-token': 'a-token-of-some-length',
  'audit-key': Buffer.alloc(32).toString('base64'),
  'grpc-token': 'a-token-of-some-length',
  'file-url-secret': '0123456789abcdef0123456789abcdef',
  'azure-content-safety-key': 'key',
  'openai-moderation-key': 'key',
  'oidc-client-secret': 'a-secret',
  'otlp-headers': 'authorization=Basic%20YTpi',
  'redis-password': 'password',
  'redis-url': 'redis://:password@redis:6379',
  'database-url': 'postgres://darkroom:password@postgres:5432/darkroom',
  'database-password': 'password',
  'watermark-key': '0123456789abcdef0123456789abcdef',
  'webhook-secrets-key': Buffer.alloc(32).toString('base64'),
  's3-access-key-id': 'key',
  's3-secret-access-key': 'secret',
};

/** What a secret could be, by its name, for apps to check. */
export function sampleSecret(name: string): string {
  const sample = samples[name];
  if (sample === undefined) throw new Error(`there is no sample for the secret ${name}`);
  return sample;
}
