import { describe, expect, it } from 'vitest';
import { readFleet } from './fleet.js';

const read = (scalerMetadata: Record<string, string>) => readFleet({ name: 'denoiser', namespace: 'darkroom', scalerMetadata });
const least = { model: 'pocket', latencySeconds: '10', maxReplicas: '8' };

describe("a trigger's metadata", () => {
  it('says what the fleet is, with defaults', () => {
    expect(read(least)).toEqual({
      name: 'darkroom/denoiser',
      namespace: 'darkroom',
      model: 'pocket',
      share: 1,
      settings: { latencySeconds: 10, coldStartSeconds: 60, utilisation: 0.8, minReplicas: 0, maxReplicas: 8 },
      scaleDownSeconds: 300,
      pods: { labels: {}, nodeLabels: {}, resource: 'nvidia.com/gpu', perReplica: 1, mayWait: 0 },
    });
  });

  it('may say all of it, beside what KEDA reads itself', () => {
    const fleet = read({
      ...least,
      scalerAddress: 'autoscaler:6000',
      coldStartSeconds: '90.5',
      utilisation: '0.7',
      minReplicas: '2',
      scaleDownSeconds: '600',
      share: '0.25',
      podLabels: 'app=denoiser,fleet=spot',
      nodeLabels: 'nvidia.com/gpu.product=NVIDIA-H200',
      resource: 'nvidia.com/mig-1g.10gb',
      perReplica: '2',
      podsMayWait: '4',
    });
    expect(fleet).toMatchObject({
      share: 0.25,
      settings: { coldStartSeconds: 90.5, utilisation: 0.7, minReplicas: 2 },
      scaleDownSeconds: 600,
      pods: {
        labels: { app: 'denoiser', fleet: 'spot' },
        nodeLabels: { 'nvidia.com/gpu.product': 'NVIDIA-H200' },
        resource: 'nvidia.com/mig-1g.10gb',
        perReplica: 2,
        mayWait: 4,
      },
    });
  });

  it.each([
    ['model', {}, 'is missing', 'model'],
    ['latencySeconds', { latencySeconds: 'ten' }, 'is wrong: expected a number from 1 to 86400', undefined],
    ['latencySeconds', { latencySeconds: '2.5' }, 'is wrong: expected a whole number from 1 to 86400', undefined],
    ['utilisation', { utilisation: '1.5' }, 'is wrong: expected a number from 0.05 to 1', undefined],
    ['minReplicas', { minReplicas: '9' }, 'is wrong: expected no more than maxReplicas', undefined],
    ['podLabels', { podLabels: 'app denoiser' }, 'is wrong: expected name=value, separated by commas', undefined],
    ['latencySecond', { latencySecond: '5' }, 'is not known', undefined],
    ['maxReplicas', {}, 'is missing', 'maxReplicas'],
  ])('with a wrong %s is refused', (param, changed, problem, without) => {
    const metadata = Object.fromEntries(Object.entries({ ...least, ...changed }).filter(([key]) => key !== without));
    expect(() => read(metadata)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', param, message: `\`${param}\` of the trigger's metadata ${problem}` }),
    );
  });
});
