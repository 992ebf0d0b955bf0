import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { environmentFindings } from './app-config.js';
import { renderChart, valueFiles } from './chart.js';
import { type Container, containersOf, isWorkload } from './kubernetes-object.js';
import { sampleSecret } from './sample-secrets.fixture.js';
import { workspaceRoot } from './workspace.js';

/** What a container would see; secrets are samples. */
function environmentOf({ env = [] }: Container): Record<string, string> {
  const names = env.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
  return Object.fromEntries(
    env.map(({ name, value, valueFrom }) => [name, value ?? sampleSecret(valueFrom?.secretKeyRef.key ?? '')]),
  );
}

const appOf = ({ image }: Container) => /^.*\/([a-z-]+?)(-cuda)?:/.exec(image)?.[1] ?? '';

it("the gateway is told which part of a model's requests is its canary's", async () => {
  const objects = await renderChart('ci/canary-values.yaml');
  const containers = objects.filter(isWorkload).flatMap(containersOf);
  const told = containers.flatMap(({ name, env = [] }) =>
    env.filter((one) => one.name === 'MODEL_CANARIES').map(({ value }) => [name, value]),
  );
  expect(told).toEqual([['gateway', 'pocket=pocket-turbo:10']]);
});

/** Containers of images that are not ours. */
const foreign = ['redis', 'postgresql', 'dump', 'upload'];

describe.each(valueFiles)('with %s', (values) => {
  it('each app is given variables that it reads, and values that it accepts', async () => {
    const workloads = (await renderChart(values)).filter(isWorkload);
    const containers = workloads.flatMap(containersOf).filter(({ name }) => !foreign.includes(name));
    expect(new Set(containers.map(appOf)).size).toBeGreaterThan(6);
    const findings = containers.map((container) => environmentFindings(appOf(container), environmentOf(container)));
    expect((await Promise.all(findings)).flat()).toEqual([]);
  });

  it('models that come with the images are named by their digests', async () => {
    const containers = (await renderChart(values)).filter(isWorkload).flatMap(containersOf);
    const sources = containers.flatMap(({ env = [] }) => {
      const { value = '[]' } = env.find(({ name }) => name === 'MODEL_SOURCES') ?? {};
      return JSON.parse(value) as { name: string; from: string; digest: string }[];
    });
    expect(sources.length).toBeGreaterThan(0);
    for (const { name, from, digest } of sources.filter((source) => source.from.startsWith('file:///app/'))) {
      expect(from).toBe(`file:///app/models/${name}`);
      const list = readFileSync(path.join(workspaceRoot, 'models', name, 'digests.json'));
      expect(digest).toBe(`sha256:${createHash('sha256').update(list).digest('hex')}`);
    }
  });
});
