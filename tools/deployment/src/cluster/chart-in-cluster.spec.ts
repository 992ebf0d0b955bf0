/** The chart's objects, as a real API server takes them. */
import { findKubernetes, type KubernetesBinaries, type KubernetesServer, startKubernetes } from '@darkroom/testing/kubernetes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderChart, valueFiles } from '../chart.js';
import { defineKinds, install } from './install.js';

const binaries = await findKubernetes();

describe.skipIf(binaries === undefined)(`a real API server ${binaries ? '' : '(kube-apiserver is not in PATH)'}`, () => {
  let api: KubernetesServer;
  beforeAll(async () => {
    api = await startKubernetes(binaries as KubernetesBinaries, { controllers: false });
    await api.admin.must('POST', '/api/v1/namespaces', { metadata: { name: 'pictures' } });
    await defineKinds(api.admin, (await Promise.all(valueFiles.map((values) => renderChart(values)))).flat());
  }, 120_000);
  afterAll(() => api?.dispose());

  it.each(valueFiles)('takes all objects with %s, and keeps each of their fields', { timeout: 120_000 }, async (values) => {
    const objects = await renderChart(values, 'controlPlane.cluster.enabled=true');
    const { taken, adapted, skipped, findings } = await install(api.admin, 'pictures', objects, true);
    process.stdout.write(
      `${api.version}, ${values}: ${taken.length} objects taken; taken otherwise: ${adapted.join(', ') || 'none'}; skipped: ${skipped.join(', ') || 'none'}\n`,
    );
    expect(findings).toEqual([]);
    expect(taken.length + adapted.length + skipped.length).toBe(objects.length);
    expect(skipped).toEqual([]);
  });
});
