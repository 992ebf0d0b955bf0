import { describe, expect, it } from 'vitest';
import { renderChart } from './chart.js';
import type { KubernetesObject } from './kubernetes-object.js';
import { schemaFindings } from './schemas.js';

const objects = await renderChart('ci/gpu-fleets-values.yaml');

function first(kind: string): KubernetesObject {
  const found = objects.find((object) => object.kind === kind);
  if (found === undefined) throw new Error(`no ${kind} is rendered`);
  return structuredClone(found);
}

describe('schemaFindings', () => {
  it.each([
    [
      'Deployment',
      (it: KubernetesObject) => (it['spec'].template.spec.containers[0].readinesProbe = {}),
      'spec/template/spec/containers/0/readinesProbe',
    ],
    ['Deployment', (it: KubernetesObject) => (it['spec'].template.spec.securityContext.runAsUsr = 1), 'securityContext/runAsUsr'],
    ['Service', (it: KubernetesObject) => (it['spec'].ports[0].targetport = 1), 'spec/ports/0/targetport'],
    ['NetworkPolicy', (it: KubernetesObject) => (it['spec'].egres = []), 'spec/egres'],
    ['ScaledObject', (it: KubernetesObject) => (it['spec'].fallback.replica = 1), 'spec/fallback/replica'],
    ['ScaledObject', (it: KubernetesObject) => (it['spec'].triggers[0].metadatas = {}), 'spec/triggers/0/metadatas'],
    ['ServiceMonitor', (it: KubernetesObject) => (it['spec'].endpoints[0].scheme_ = 'http'), 'spec/endpoints/0/scheme_'],
    ['HorizontalPodAutoscaler', (it: KubernetesObject) => (it['spec'].minReplica = 1), 'spec/minReplica'],
  ])('names a field that a %s does not have', async (kind, change, field) => {
    const object = first(kind);
    expect(await schemaFindings(object)).toEqual([]);
    change(object);
    const findings = await schemaFindings(object);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toContain(`${field} is not a field`);
  });

  it('names what is of another type, and what is missing', async () => {
    const wrong = first('Deployment');
    wrong['spec'].replicas = 'two';
    expect((await schemaFindings(wrong)).join()).toContain('/spec/replicas');
    const missing = first('ScaledObject');
    delete missing['spec'].scaleTargetRef;
    expect((await schemaFindings(missing)).join()).toContain('scaleTargetRef');
  });

  it('refuses a kind that there is not, in any version', async () => {
    expect(await schemaFindings({ apiVersion: 'apps/v1', kind: 'Deploiment', metadata: { name: 'x' } })).toHaveLength(1);
    expect(
      await schemaFindings({ apiVersion: 'autoscaling/v2beta2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'x' } }),
    ).toHaveLength(1);
  });
});
