import { WorkerClient } from '../worker/worker-client.js';
import { checkProviderOptions, type ProviderOptions } from './execution-provider.js';

/**
 * Makes sure, before any model is read, that this machine can run what sessions are going to ask for; the CPU needs no trial.
 *
 * @throws PipelineError `invalid_argument` for an option that the provider doesn't know; `provider_unavailable` saying why, and what there
 *   is instead.
 */
export async function checkProvider({ provider, deviceId, deviceMemoryLimitBytes }: ProviderOptions): Promise<void> {
  const options = { provider, deviceId, deviceMemoryLimitBytes };
  checkProviderOptions(options);
  if (provider !== undefined && provider !== 'cpu') {
    const { client } = await WorkerClient.start<Record<never, never>, ProviderOptions, undefined>('execution-provider', options);
    await client.close();
  }
}
