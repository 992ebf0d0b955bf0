import { expect, it } from 'vitest';
import { buildArguments, ContainerEngine, engineNames } from './container-engine.js';
import { cudaApps, imageApps, imageBuild } from './workspace-images.js';

const origin = { revision: '0123abc', source: 'https://git.example/darkroom' };
const options = { isCuda: false, repository: 'registry.example/darkroom', version: '1.2.3', origin };

it.each(engineNames)('%s is told the app, the stage, the name and where the sources are from', (engine) => {
  const args = buildArguments(engine, imageBuild('gateway', options));
  expect(args.slice(args.indexOf('--target'), args.indexOf('--label'))).toEqual([
    ...['--target', 'cpu', '--tag', 'registry.example/darkroom/gateway:1.2.3', '--build-arg', 'APP=gateway'],
  ]);
  for (const label of ['revision=0123abc', 'version=1.2.3', 'source=https://git.example/darkroom', 'licenses=Apache-2.0'])
    expect(args).toContain(`org.opencontainers.image.${label}`);
});

it('images for CUDA are another stage, under another name', () => {
  for (const app of cudaApps) {
    expect(imageApps).toContain(app);
    const { name, target } = imageBuild(app, { ...options, isCuda: true });
    expect([name, target]).toEqual([`registry.example/darkroom/${app}-cuda:1.2.3`, 'cuda']);
  }
});

it('images say nothing of a source that others can’t reach', () => {
  const { labels } = imageBuild('gateway', { ...options, origin: { ...origin, source: undefined } });
  expect(Object.keys(labels)).not.toContain('org.opencontainers.image.source');
});

it('refuses an engine that it does not know', async () => {
  await expect(ContainerEngine.find('lxc')).rejects.toThrow('--engine is "lxc": it must be docker, podman, buildah');
});
