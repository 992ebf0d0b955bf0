import type { KubernetesClient } from '@darkroom/testing/kubernetes';
import { containersOf, isWorkload, type KubernetesObject, nameOf } from '../kubernetes-object.js';

/** What an API server made of the chart's objects. */
export interface Installed {
  /** What it took as it is. */
  readonly taken: readonly KubernetesObject[];
  /** What it took otherwise than the chart has it, since it is older than the chart wants: `CronJob x as batch/v1beta1`. */
  readonly adapted: readonly string[];
  /** What it has no kind for. */
  readonly skipped: readonly string[];
  /** What it refused, in its words, and fields that it took and did not keep. */
  readonly findings: readonly string[];
}

/** What the kinds that the chart uses were called before Kubernetes 1.21 to 1.25, with the same fields. */
const olderVersions: Readonly<Record<string, string>> = {
  'autoscaling/v2 HorizontalPodAutoscaler': 'autoscaling/v2beta2',
  'batch/v1 CronJob': 'batch/v1beta1',
  'policy/v1 PodDisruptionBudget': 'policy/v1beta1',
};

/** Sends objects to an API server. @param dryRun whether it only says what it would do. */
export async function install(
  admin: KubernetesClient,
  namespace: string,
  objects: readonly KubernetesObject[],
  dryRun: boolean,
): Promise<Installed> {
  const minor = Number.parseInt((await admin.must('GET', '/version')).minor, 10);
  const [taken, adapted, skipped, findings]: [KubernetesObject[], string[], string[], string[]] = [[], [], [], []];
  for (const object of objects) {
    const older = olderVersions[`${object.apiVersion} ${object.kind}`];
    const own = await pathOf(admin, namespace, object.apiVersion, object.kind);
    const apiVersion = own === undefined ? older : object.apiVersion;
    const path = own ?? (older && (await pathOf(admin, namespace, older, object.kind)));
    if (path === undefined || apiVersion === undefined) {
      skipped.push(`${nameOf(object)}: ${object.apiVersion} is not served`);
      continue;
    }
    const sent = { ...structuredClone(object), apiVersion };
    const isOlder = own === undefined || (minor < 30 && withoutSleep(sent));
    const { status, body } = await admin.request('POST', dryRun ? `${path}?dryRun=All` : path, sent);
    if (status >= 300) {
      findings.push(`${nameOf(object)}: ${status} ${body.message}`);
      continue;
    }
    if (own === undefined) adapted.push(`${nameOf(object)} as ${apiVersion}`);
    else if (isOlder) adapted.push(`${nameOf(object)} without lifecycle.preStop.sleep`);
    else taken.push(object);
    findings.push(...lost(sent, body, '').map((field) => `${nameOf(object)}: ${field.slice(1)} was not kept`));
  }
  return { taken, adapted, skipped, findings };
}

/** Takes the wait before a stop out of containers, which Kubernetes knows from 1.30 on; tells whether there was one. */
function withoutSleep(object: KubernetesObject): boolean {
  const sleeping = isWorkload(object) ? containersOf(object).filter((one) => one['lifecycle']?.preStop?.sleep !== undefined) : [];
  for (const container of sleeping) delete (container as { lifecycle?: object }).lifecycle;
  return sleeping.length > 0;
}

/** Where objects of a kind are made; undefined where there is no such kind. */
async function pathOf(admin: KubernetesClient, namespace: string, apiVersion: string, kind: string): Promise<string | undefined> {
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  const { status, body } = await admin.request('GET', root);
  if (status !== 200) return undefined;
  const resources = body.resources as { name: string; kind: string; namespaced: boolean }[];
  const found = resources.find((one) => one.kind === kind && !one.name.includes('/'));
  if (found === undefined) return undefined;
  return found.namespaced ? `${root}/namespaces/${namespace}/${found.name}` : `${root}/${found.name}`;
}

/** Lists fields that were sent and are not in what came back: the server does not know them. */
function lost(sent: unknown, kept: unknown, path: string): readonly string[] {
  if (typeof sent !== 'object' || sent === null) return [];
  return Object.entries(sent).flatMap(([key, value]) => {
    // What is empty is left out, and what is a secret's text comes back in base64.
    const isEmpty = value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
    const own = `${path}/${key}`;
    const found = (kept as Readonly<Record<string, unknown>> | undefined)?.[key];
    if (found === undefined) return isEmpty || key === 'stringData' || value === false || value === 0 ? [] : [own];
    return lost(value, found, own);
  });
}

/**
 * Makes definitions of the kinds that operators bring along, with a status of its own as theirs have; their fields are checked against
 * the published schemas elsewhere, and are kept here as they come.
 */
export async function defineKinds(admin: KubernetesClient, objects: readonly KubernetesObject[]): Promise<void> {
  const builtIn = /^(v1|apps\/v1|autoscaling\/v2|batch\/v1|policy\/v1|[a-z.]+\.k8s\.io\/v1)$/;
  const wanted = new Map(objects.filter(({ apiVersion }) => !builtIn.test(apiVersion)).map((one) => [one.kind, one]));
  for (const { apiVersion, kind } of wanted.values()) {
    const [group = '', version = ''] = apiVersion.split('/');
    const plural = `${kind.toLowerCase()}s`;
    await admin.must('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        names: { kind, plural, singular: kind.toLowerCase() },
        scope: 'Namespaced',
        versions: [
          {
            name: version,
            served: true,
            storage: true,
            subresources: { status: {} },
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    });
  }
  // The API has them a moment later.
  for (const { apiVersion, kind } of wanted.values()) {
    while ((await pathOf(admin, 'default', apiVersion, kind)) === undefined) await new Promise((done) => setTimeout(done, 50));
  }
}
