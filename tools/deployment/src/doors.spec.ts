import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { variablesOf } from './app-config.js';
import { chartFolder, renderChart } from './chart.js';
import type { KubernetesObject } from './kubernetes-object.js';
import { workspaceRoot } from './workspace.js';

interface Doors {
  readonly grpc: Readonly<Record<string, readonly string[]>>;
  readonly redis: readonly string[];
  readonly database: readonly string[];
  readonly blobs: readonly string[];
  readonly models: readonly string[];
}

const doors = parse(readFileSync(path.join(chartFolder, 'files/doors.yaml'), 'utf8')) as Doors;

/** The services, and what each reads. The fetcher runs inside of others' pods. */
const apps = readdirSync(path.join(workspaceRoot, 'apps')).filter(
  (app) => app !== 'model-fetcher' && existsSync(path.join(workspaceRoot, 'apps', app, 'src/config.ts')),
);
const variables = new Map(await Promise.all(apps.map(async (app) => [app, await variablesOf(app)] as const)));

const appsThatRead = (name: string) => apps.filter((app) => variables.get(app)?.has(name) === true).sort();

describe('doors.yaml', () => {
  it('has the calls that the apps make, by the addresses that they read', () => {
    const calls = apps.map((app) => {
      const addresses = [...(variables.get(app) ?? [])].filter((name) => name.endsWith('_ADDRESS'));
      return [app, addresses.map((name) => name.replace('_ADDRESS', '').toLowerCase().replaceAll('_', '-')).sort()] as const;
    });
    const expected = calls.filter(([, called]) => called.length > 0);
    expect(Object.fromEntries(Object.entries(doors.grpc).map(([app, called]) => [app, [...called].sort()]))).toEqual(
      Object.fromEntries(expected),
    );
  });

  it.each([
    ['redis', 'REDIS_URL'],
    ['database', 'DATABASE_URL'],
    ['blobs', 'BLOB_STORE_URL'],
    ['models', 'MODELS_DIR'],
  ] as const)('has the users of %s, which read %s', (store, name) => {
    expect([...doors[store]].sort()).toEqual(appsThatRead(name));
  });
});

type Peer = { readonly podSelector?: { readonly matchLabels: Readonly<Record<string, string>> } };
type Rule = {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly port: number | string }[];
};

const componentOf = (labels: Readonly<Record<string, string>>) => labels['app.kubernetes.io/component'] ?? '';

/** Lists who may call whom within the release, as one side's policies have it: "gateway > redis". */
function edges(policies: readonly KubernetesObject[], side: 'ingress' | 'egress'): readonly string[] {
  return policies.flatMap(({ spec }) => {
    const own = componentOf(spec.podSelector.matchLabels);
    const rules = (spec[side] ?? []) as Rule[];
    const peers = rules.flatMap((rule) => rule[side === 'ingress' ? 'from' : 'to'] ?? []);
    const others = peers.flatMap(({ podSelector }) => (podSelector === undefined ? [] : [componentOf(podSelector.matchLabels)]));
    return others.map((other) => (side === 'ingress' ? `${other} > ${own}` : `${own} > ${other}`));
  });
}

describe('network policies', async () => {
  const policies = (await renderChart('values.yaml')).filter(({ kind }) => kind === 'NetworkPolicy');
  const expected = [
    ...Object.entries(doors.grpc).flatMap(([app, called]) => called.map((other) => `${app} > ${other}`)),
    ...doors.redis.map((app) => `${app} > redis`),
    ...doors.database.map((app) => `${app} > postgresql`),
  ].sort();

  it.each(['ingress', 'egress'] as const)('open the doors and no others: %s', (side) => {
    expect([...edges(policies, side)].sort()).toEqual(expected);
  });

  it('refuse what is not said, both ways, for every pod of the release', () => {
    const deny = policies.find(({ metadata }) => metadata.name === 'darkroom-default-deny');
    expect(deny?.['spec']).toEqual({
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'darkroom', 'app.kubernetes.io/instance': 'darkroom' } },
      policyTypes: ['Ingress', 'Egress'],
    });
    for (const { spec } of policies) expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
  });

  it('let only the gateway and the autoscaler reach networks outside, where models, pictures and stores are inside', () => {
    const outward = policies.filter(({ spec }) => JSON.stringify(spec.egress ?? []).includes('ipBlock'));
    expect(outward.map(({ metadata }) => metadata.name).sort()).toEqual(['darkroom-autoscaler', 'darkroom-gateway']);
  });

  it('keep webhooks out of private networks', () => {
    type Egress = { to: { ipBlock?: { cidr: string; except: string[] } }[]; ports: unknown };
    const spec = policies.find(({ metadata }) => metadata.name === 'darkroom-gateway')?.['spec'];
    const blocks = (spec.egress as Egress[]).filter(({ to }) => to.some(({ ipBlock }) => ipBlock !== undefined));
    expect(blocks).toHaveLength(1);
    expect(blocks[0]?.ports).toEqual([{ port: 443 }]);
    expect(blocks[0]?.to[0]?.ipBlock?.except).toEqual(expect.arrayContaining(['10.0.0.0/8', '169.254.0.0/16']));
  });
});
