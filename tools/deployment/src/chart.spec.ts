import { describe, expect, it } from 'vitest';
import { chartFolder, renderChart, valueFiles } from './chart.js';
import { helm } from './helm.js';
import { policyFindings } from './policies.js';
import { schemaFindings } from './schemas.js';

describe.each(valueFiles)('the chart with %s', (values) => {
  it('is accepted by helm lint', async () => {
    const { code, stdout, stderr } = await helm('lint', '--strict', '--values', `${chartFolder}/${values}`, chartFolder);
    expect(`${stdout}${stderr}`).toContain('0 chart(s) failed');
    expect(code).toBe(0);
  });

  it('renders objects that are what their schemas say, and keep to the policies', async () => {
    const objects = await renderChart(values);
    expect(objects.length).toBeGreaterThan(20);
    expect((await Promise.all(objects.map(schemaFindings))).flat()).toEqual([]);
    expect(objects.flatMap(policyFindings)).toEqual([]);
    const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(names).toEqual([...new Set(names)]);
  });
});

describe('wrong values', () => {
  it.each([
    ['gateway.replicsa=1', "at '/gateway': additional properties 'replicsa' not allowed"],
    ['gatway.replicas.min=1', "additional properties 'gatway' not allowed"],
    ['gateway.replicas.min=0', "at '/gateway/replicas/min': minimum"],
    ['fleets[0].gpus=1', "at '/fleets/0': additional properties 'gpus' not allowed"],
    ['fleets[0].name=Not_A_Label', "at '/fleets/0/name'"],
    ['fleetDefaults.capacity=cheap', "at '/fleetDefaults/capacity'"],
    ['image.tag=latest', "at '/image/tag'"],
    ['redis.image=redis', "at '/redis/image'"],
    ['models.list[0].digest=sha256:1', "at '/models/list/0/digest'"],
    ['blobs.kind=s3', "at '/blobs/s3/bucket'"],
    ['ingress.enabled=true', "at '/ingress/host'"],
    ['dashboard.ingress.enabled=true', "at '/dashboard/ingress/host'"],
    ['dashboard.oidc.enabled=true', "at '/dashboard/oidc/issuer'"],
    ['internalTls.enabled=true', "at '/internalTls/issuer/name'"],
    ['backup.enabled=true,backup.kind=s3', "at '/backup/s3/bucket'"],
    ['networkPolicies.outside.redis[0]=everywhere', "at '/networkPolicies/outside/redis/0'"],
  ])('%s is refused with its path', async (set, words) => {
    await expect(renderChart('values.yaml', set)).rejects.toThrow(words);
  });

  it.each([
    [
      'ci/canary-values.yaml',
      'autoscaler.enabled=false,fleets[1].replicas.min=0',
      'canary has replicas.min 0, and autoscaler.enabled is false',
    ],
    ['ci/canary-values.yaml', 'fleets[1].model=absent', 'canary is for the model absent, which is not in models.list'],
    ['ci/canary-values.yaml', 'fleets[1].name=stable', 'two are called stable'],
    ['ci/canary-values.yaml', 'fleets[1].replicas.max=1,fleets[1].replicas.min=3', 'canary has replicas.min above replicas.max'],
    ['values.yaml', 'models.cache.kind=claim', 'models.cache.claim names the claim'],
  ])('%s with %s is refused by name: %s', async (values, set, words) => {
    await expect(renderChart(values, set)).rejects.toThrow(words);
  });
});
