import { type KubernetesObject, nameOf } from './kubernetes-object.js';

/** Packages that carry the published schemas, by what the API groups of their own end in; Kubernetes' own are in the last. */
const packages: readonly (readonly [ending: string, name: string])[] = [
  ['keda.sh', '@kubernetes-models/keda'],
  ['cert-manager.io', '@kubernetes-models/cert-manager'],
  ['monitoring.coreos.com', '@kubernetes-models/prometheus-operator'],
  ['', 'kubernetes-models'],
];

/** The API versions that Kubernetes 1.30 and the operators have; the packages know others too, which are gone. */
const served = new Set([
  'v1',
  'apps/v1',
  'autoscaling/v2',
  'batch/v1',
  'cert-manager.io/v1',
  'networking.k8s.io/v1',
  'policy/v1',
  'rbac.authorization.k8s.io/v1',
  'keda.sh/v1alpha1',
  'monitoring.coreos.com/v1',
]);

/** A class of those packages: an object whose `validate` throws what is wrong with it. */
type ModelClass = new (data: object) => { validate(): void };

/** Reports what the published schema of an object's kind has against it, fields that it does not know among them. */
export async function schemaFindings(object: KubernetesObject): Promise<readonly string[]> {
  const { apiVersion, kind } = object;
  if (!served.has(apiVersion)) return [`${nameOf(object)}: ${apiVersion} is not served`];
  const [group = ''] = apiVersion.includes('/') ? apiVersion.split('/') : [''];
  const [, name] = packages.find(([ending]) => group.endsWith(ending)) ?? [];
  const module = (await import(`${name}/${apiVersion}/${kind}`).catch(() => ({}))) as Readonly<Record<string, ModelClass>>;
  const Model = module[kind];
  if (Model === undefined) return [`${nameOf(object)}: there is no such kind in ${apiVersion}`];
  const read = new Set<string>();
  try {
    watched(new Model(object), '', read).validate();
  } catch (error) {
    return [`${nameOf(object)}: ${error instanceof Error ? error.message : String(error)}`];
  }
  return unread(object, '', read).map((field) => `${nameOf(object)}: ${field.slice(1)} is not a field`);
}

// The packages' validators let unknown fields pass. But they read every field that they know: what they have not read, they do not know.

function watched<Value extends object>(value: Value, path: string, read: Set<string>): Value {
  return new Proxy(value, {
    get(target, key, receiver) {
      const found = Reflect.get(target, key, receiver) as unknown;
      if (typeof key !== 'string' || !Object.hasOwn(target, key)) return found;
      const own = `${path}/${key}`;
      read.add(own);
      return typeof found === 'object' && found !== null ? watched(found, own, read) : found;
    },
  });
}

function unread(value: unknown, path: string, read: ReadonlySet<string>): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const own = `${path}/${key}`;
    return read.has(own) ? unread(inner, own, read) : [own];
  });
}
