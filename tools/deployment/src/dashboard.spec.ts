import { describe, expect, it } from 'vitest';
import { renderChart } from './chart.js';
import { containersOf, type KubernetesObject } from './kubernetes-object.js';

const nobody: KubernetesObject = { apiVersion: '', kind: '', metadata: { name: '' } };
const named = (objects: readonly KubernetesObject[], kind: string) =>
  objects.find((object) => object.kind === kind && object.metadata.name === 'darkroom-control-plane');
const doorsOf = (objects: readonly KubernetesObject[]) => named(objects, 'NetworkPolicy')?.['spec'];

describe('the dashboard', async () => {
  const [usual, outside] = await Promise.all([renderChart('values.yaml'), renderChart('ci/external-services-values.yaml')]);

  it('is reached from within alone, unless it is given a host of its own', () => {
    expect(named(usual, 'Ingress')).toBeUndefined();
    expect(JSON.stringify(doorsOf(usual)?.ingress)).not.toContain('ingress-nginx');
    const { tls, rules } = named(outside, 'Ingress')?.['spec'] ?? {};
    expect(tls).toEqual([{ hosts: ['dashboard.example'], secretName: 'dashboard-tls' }]);
    const service = { name: 'darkroom-control-plane', port: { name: 'http' } };
    expect(rules).toEqual([
      { host: 'dashboard.example', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service } }] } },
    ]);
    const clients = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } };
    expect(doorsOf(outside)?.ingress).toContainEqual({ from: [clients], ports: [{ port: 'http' }] });
  });

  it('knows its address, and the provider that operators sign in at', () => {
    const [container] = containersOf(named(outside, 'Deployment') ?? nobody);
    const env = new Map((container?.env ?? []).map((one) => [one.name, one]));
    expect(env.get('DASHBOARD_URL')?.value).toBe('https://dashboard.example');
    expect(env.get('OIDC_ROLES')?.value).toBe('darkroom-admins=admin,staff=viewer');
    expect(env.get('OIDC_CLIENT_SECRET')?.valueFrom?.secretKeyRef.key).toBe('oidc-client-secret');
    const provider = { to: [{ ipBlock: { cidr: '10.0.6.0/24' } }], ports: [{ port: 443 }] };
    expect(doorsOf(outside)?.egress).toContainEqual(provider);
    expect(JSON.stringify(usual)).not.toContain('OIDC_');
  });

  it('can be said to be elsewhere', async () => {
    const [container] = containersOf(
      named(await renderChart('values.yaml', 'dashboard.url=https://elsewhere.example'), 'Deployment') ?? nobody,
    );
    expect(container?.env).toContainEqual({ name: 'DASHBOARD_URL', value: 'https://elsewhere.example' });
  });
});
