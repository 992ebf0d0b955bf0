import { describe, expect, it } from 'vitest';
import { renderChart } from './chart.js';
import { containersOf, type KubernetesObject, podOf } from './kubernetes-object.js';

const objects = await renderChart('ci/gpu-fleets-values.yaml');
const deployments = objects.filter(({ kind }) => kind === 'Deployment');
const appsOf = (deployment: KubernetesObject) => containersOf(deployment).filter(({ name }) => name !== 'models');

describe('certificates between services', () => {
  const certificate = objects.find(({ kind }) => kind === 'Certificate')?.['spec'];

  it('name every host by which a service is called', () => {
    const addresses = deployments
      .flatMap(appsOf)
      .flatMap(({ env = [] }) => env.filter(({ name }) => name.endsWith('_ADDRESS')).map(({ value = '' }) => value));
    const scalers = objects.filter(({ kind }) => kind === 'ScaledObject').map(({ spec }) => spec.triggers[0].metadata);
    const hosts = [...addresses, ...scalers.map(({ scalerAddress }) => scalerAddress)].map((address) => address.split(':')[0]);
    expect(new Set(hosts).size).toBe(5);
    expect(certificate.dnsNames).toEqual(expect.arrayContaining([...new Set(hosts)]));
    expect(certificate.usages).toEqual(['server auth', 'client auth']);
  });

  it('lie where every service is told that they are, as a folder, so that new ones appear there', () => {
    for (const deployment of deployments) {
      const { volumes } = podOf(deployment);
      const secret = expect.objectContaining({ secretName: certificate.secretName });
      expect(volumes).toContainEqual({ name: 'internal-tls', secret });
      for (const { env = [], volumeMounts } of appsOf(deployment)) {
        const mount = volumeMounts.find(({ name }: { name: string }) => name === 'internal-tls');
        expect(mount.subPath).toBeUndefined();
        const files = env.filter(({ name }) => name.startsWith('GRPC_TLS_')).map(({ value }) => value);
        expect(files).toEqual(['tls.crt', 'tls.key', 'ca.crt'].map((file) => `${mount.mountPath}/${file}`));
      }
    }
  });

  it('are what KEDA shows the autoscaler', () => {
    const authentication = objects.find(({ kind }) => kind === 'TriggerAuthentication');
    const keys = authentication?.['spec'].secretTargetRef as { parameter: string; name: string; key: string }[];
    expect(new Map(keys.map(({ parameter, key }) => [parameter, key]))).toEqual(
      new Map([
        ['caCert', 'ca.crt'],
        ['tlsClientCert', 'tls.crt'],
        ['tlsClientKey', 'tls.key'],
      ]),
    );
    for (const { spec } of objects.filter(({ kind }) => kind === 'ScaledObject'))
      expect(spec.triggers[0].authenticationRef.name).toBe(authentication?.metadata.name);
  });

  it('are those of a Secret that is named, with no Certificate then', async () => {
    const others = await renderChart('ci/external-services-values.yaml');
    expect(others.some(({ kind }) => kind === 'Certificate')).toBe(false);
    const [gateway] = others.filter(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'darkroom-gateway');
    expect(JSON.stringify(gateway)).toContain('"secretName":"service-certificates"');
  });
});

it('authorities that are named are trusted by every service, and by what fetches models', async () => {
  const others = (await renderChart('ci/external-services-values.yaml')).filter(({ kind }) => kind === 'Deployment');
  expect(others.length).toBeGreaterThan(5);
  for (const deployment of others) {
    expect(podOf(deployment).volumes).toContainEqual(
      expect.objectContaining({ name: 'authorities', configMap: expect.objectContaining({ name: 'company-authorities' }) }),
    );
    for (const { env = [], volumeMounts } of containersOf(deployment)) {
      const mount = volumeMounts.find(({ name }: { name: string }) => name === 'authorities');
      expect(env).toContainEqual({ name: 'NODE_EXTRA_CA_CERTS', value: `${mount?.mountPath}/ca.crt` });
    }
  }
});

it('the token is given to every service but the autoscaler, which KEDA could not show it', () => {
  const withToken = deployments.filter((deployment) =>
    appsOf(deployment).some(({ env = [] }) => env.some(({ name }) => name === 'GRPC_TOKEN')),
  );
  const without = deployments.filter((deployment) => !withToken.includes(deployment)).map(({ metadata }) => metadata.name);
  expect(without).toEqual(['darkroom-autoscaler']);
});
