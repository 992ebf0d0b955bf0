import { maxPictureBytes } from '@darkroom/contracts/http';
import { STOP_TIMEOUT_MS } from '@darkroom/service-kit';
import { describe, expect, it } from 'vitest';
import { renderChart, valueFiles } from './chart.js';
import { containersOf, nameOf } from './kubernetes-object.js';

describe.each(valueFiles)('with %s', (values) => {
  it('pods are given the time that services take to stop, after their callers have heard of it', async () => {
    const deployments = (await renderChart(values)).filter(({ kind }) => kind === 'Deployment');
    expect(deployments.length).toBeGreaterThan(5);
    for (const deployment of deployments) {
      const pod = deployment['spec'].template.spec;
      const pause = pod.containers[0].lifecycle?.preStop.sleep.seconds ?? 0;
      expect(pod.terminationGracePeriodSeconds, nameOf(deployment)).toBeGreaterThan(pause + STOP_TIMEOUT_MS / 1000);
      // Nobody calls a denoiser; the others are called until those who do have heard.
      const isCalled = deployment.metadata.labels?.['app.kubernetes.io/component'] !== 'denoiser';
      expect(pause > 0, nameOf(deployment)).toBe(isCalled);
    }
  });

  it('a pod that loads is not taken for dead', async () => {
    const containers = (await renderChart(values)).filter(({ kind }) => kind === 'Deployment').flatMap(containersOf);
    for (const { name, startupProbe, livenessProbe, readinessProbe } of containers.filter((one) => one.name !== 'models')) {
      expect([startupProbe.httpGet.path, livenessProbe.httpGet.path, readinessProbe.httpGet.path], name).toEqual([
        '/healthz',
        '/healthz',
        '/readyz',
      ]);
    }
  });
});

describe('the ingress', async () => {
  const objects = await renderChart('values.yaml', 'ingress.enabled=true,ingress.host=images.example');
  const ingress = objects.find(({ kind }) => kind === 'Ingress');
  const annotation = (name: string) => ingress?.metadata.annotations?.[`nginx.ingress.kubernetes.io/${name}`] ?? '';

  it('lets pass what the gateway takes', () => {
    const mebibytes = Number(/^(\d+)m$/.exec(annotation('proxy-body-size'))?.[1]);
    // An edit is two pictures, and what is written around them: apps/gateway/src/edits/edit-form.ts.
    expect(mebibytes * 2 ** 20).toBeGreaterThanOrEqual(2 * maxPictureBytes + 2 * 2 ** 20);
  });

  it('waits longer than the gateway lets a client wait', () => {
    const gateway = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'darkroom-gateway');
    const env = containersOf(gateway ?? { apiVersion: '', kind: '', metadata: { name: '' } })[1]?.env ?? [];
    const patience = Number(env.find(({ name }) => name === 'SYNC_TIMEOUT_SECONDS')?.value);
    expect(patience).toBeGreaterThan(0);
    for (const name of ['proxy-read-timeout', 'proxy-send-timeout']) expect(Number(annotation(name))).toBeGreaterThan(patience);
    expect(annotation('proxy-buffering')).toBe('off');
  });

  it('leads to what clients need, and to nothing of the operators', () => {
    const paths = ingress?.['spec'].rules[0].http.paths as { path: string; pathType: string }[];
    expect(paths.map(({ path, pathType }) => `${pathType} ${path}`).sort()).toEqual([
      'Exact /',
      'Exact /icon.svg',
      'Exact /openapi.json',
      'Prefix /assets',
      'Prefix /docs',
      'Prefix /mai',
      'Prefix /v1',
    ]);
  });
});
