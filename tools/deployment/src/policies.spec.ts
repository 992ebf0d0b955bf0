import { describe, expect, it } from 'vitest';
import { renderChart } from './chart.js';
import { policyFindings } from './policies.js';

const objects = await renderChart('values.yaml');
const deployment = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'darkroom-vae-decoder');

// biome-ignore lint/suspicious/noExplicitAny: each case breaks something else.
type Pod = any;

describe('policyFindings', () => {
  it.each([
    ['root', (pod: Pod) => (pod.securityContext.runAsUser = 0), 'may run as root'],
    ['a container as root', (pod: Pod) => (pod.containers[0].securityContext.runAsUser = 0), 'vae-decoder runs as root'],
    [
      'an image that can be written',
      (pod: Pod) => delete pod.initContainers[0].securityContext.readOnlyRootFilesystem,
      'models can write to its image',
    ],
    [
      'capabilities',
      (pod: Pod) => (pod.containers[0].securityContext.capabilities = { add: ['SYS_ADMIN'] }),
      'vae-decoder has capabilities',
    ],
    ['no limit of memory', (pod: Pod) => delete pod.containers[0].resources.limits.memory, 'vae-decoder has no limits of memory'],
    ['no limit of CPU', (pod: Pod) => delete pod.initContainers[0].resources.limits.cpu, 'models has no limits of cpu'],
    ['latest', (pod: Pod) => (pod.containers[0].image = 'darkroom/vae-decoder:latest'), 'not pinned'],
    ['no tag', (pod: Pod) => (pod.containers[0].image = 'registry.example:5000/vae-decoder'), 'not pinned'],
    ['no readiness', (pod: Pod) => delete pod.containers[0].readinessProbe, 'vae-decoder has no readinessProbe'],
    ['the network of the node', (pod: Pod) => (pod.hostNetwork = true), 'shares namespaces'],
    [
      'a secret in the clear',
      (pod: Pod) => pod.containers[0].env.push({ name: 'ADMIN_TOKEN', value: 'x' }),
      'the secret ADMIN_TOKEN',
    ],
  ])('refuses %s', (_what, change, words) => {
    const object = structuredClone(deployment);
    if (object === undefined) throw new Error('the chart has no VAE decoder');
    expect(policyFindings(object)).toEqual([]);
    change(object['spec'].template.spec);
    expect(policyFindings(object)).toEqual([expect.stringContaining(words)]);
  });
});
