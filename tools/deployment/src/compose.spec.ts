import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { environmentFindings } from './app-config.js';
import { cudaApps } from './images/workspace-images.js';
import { sampleSecret } from './sample-secrets.fixture.js';
import { workspaceRoot } from './workspace.js';

interface ComposeService {
  readonly image: string;
  readonly user: string;
  readonly read_only: boolean;
  readonly init: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly secrets?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly deploy: {
    readonly resources: {
      readonly limits: { readonly cpus: string; readonly memory: string };
      readonly reservations?: { readonly devices: readonly object[] };
    };
  };
}

interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly secrets: Readonly<Record<string, unknown>>;
}

const read = (file: string) => parse(readFileSync(path.join(workspaceRoot, 'deploy', file), 'utf8'), { merge: true }) as Compose;
const compose = read('compose.yaml');
const services = Object.entries(compose.services);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'darkroom-compose-'));
  for (const name of Object.keys(compose.secrets)) writeFileSync(path.join(folder, name), sampleSecret(name));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a container would see: secrets lie elsewhere here, and what the caller sets is set. */
function environmentOf({ environment = {}, secrets = [] }: ComposeService): Record<string, string> {
  const seen = Object.entries(environment).map(([name, text]) => {
    const value = text.replace(/\$\{\w+:-([^}]*)\}/g, '$1').replace('/run/secrets', folder);
    if (name.endsWith('_FILE')) expect(secrets).toContain(path.basename(value));
    return [name, value];
  });
  return Object.fromEntries(seen);
}

describe('compose.yaml', () => {
  it.each(services.filter(([, { image }]) => image.startsWith('darkroom/')))(
    'gives %s what it reads, and nothing else',
    async (_name, service) => {
      const app = service.image.replace(/^darkroom\/([a-z-]+):.*$/, '$1');
      expect(await environmentFindings(app, environmentOf(service))).toEqual([]);
    },
  );

  it.each(services)('restricts %s', (_name, service) => {
    expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(service.read_only).toBe(true);
    expect(service.init).toBe(true);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toContain('no-new-privileges:true');
    expect(service.image).toMatch(/:(\d|\$\{DARKROOM_VERSION)/);
    expect(service.deploy.resources.limits).toEqual({
      // Engines refuse more than the machine has.
      cpus: expect.stringMatching(/^([12]|\$\{DARKROOM_CPUS:-4\})$/),
      memory: expect.stringMatching(/^\d+[MG]$/),
    });
    const { disable, test = [] } = service.healthcheck;
    if (disable !== true) expect(test[0]).toMatch(/^CMD/);
    // YAML takes what has a colon in it for an object, unless it is quoted.
    for (const argument of test) expect(argument).toBeTypeOf('string');
  });

  it('stops Redis after those who use it', () => {
    const users = services.filter(([, { secrets }]) => secrets?.includes('redis-url'));
    expect(users.length).toBeGreaterThan(3);
    for (const [name, { depends_on }] of users)
      expect(depends_on, name).toMatchObject({ redis: { condition: 'service_healthy' } });
  });

  it('names the models of this repository by their digests', () => {
    const sources = JSON.parse(compose.services['models']?.environment?.['MODEL_SOURCES'] ?? '') as {
      from: string;
      digest: string;
    }[];
    for (const { from, digest } of sources) {
      const list = readFileSync(path.join(workspaceRoot, from.replace('file:///app/', ''), 'digests.json'));
      expect(digest).toBe(`sha256:${createHash('sha256').update(list).digest('hex')}`);
    }
  });
});

it('compose.gpu.yaml gives GPUs to services of compose.yaml whose images are for CUDA, and tells them so', async () => {
  const changes = Object.entries(read('compose.gpu.yaml').services);
  expect(changes.map(([name]) => name)).toEqual(['denoiser']);
  for (const [name, change] of changes) {
    const base = compose.services[name];
    expect(change.image).toBe(base?.image.replace(`/${name}:`, `/${name}-cuda:`));
    expect(cudaApps).toContain(name);
    expect(change.deploy.resources.reservations?.devices).toEqual([{ driver: 'nvidia', count: 1, capabilities: ['gpu'] }]);
    const environment = { ...base?.environment, ...change.environment };
    expect(environment).toMatchObject({ EXECUTION_PROVIDER: 'cuda' });
    expect(await environmentFindings(name, environmentOf({ ...base, ...change, environment }))).toEqual([]);
  }
});
