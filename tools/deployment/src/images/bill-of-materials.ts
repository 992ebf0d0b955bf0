/** What was found in an image. */
export interface ImageContents {
  readonly name: string;
  readonly version: string;
  /** The text of `node_modules/.package-lock.json`, in which npm writes down what it installed. */
  readonly npmLock: string;
  /** What `dpkg-query` prints with `dpkgFormat`. */
  readonly dpkg: string;
  /** The text of `/etc/os-release`. */
  readonly osRelease: string;
  /** Node's version, without a "v". */
  readonly node: string;
}

/** The format in which `dpkg-query --showformat` lists packages for a bill of materials. */
export const dpkgFormat = `\${Package}\t\${Version}\t\${Architecture}\n`;

interface Component {
  readonly type: 'library' | 'platform';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly ({ readonly expression: string } | { readonly license: { readonly name: string } })[];
}

/**
 * Writes what an image holds as a bill of materials in CycloneDX 1.5: Node, the packages of npm, and those of the distribution. The same
 * contents give the same bytes.
 *
 * @see https://cyclonedx.org/docs/1.5/json/
 * @see https://github.com/package-url/purl-spec
 */
export function billOfMaterials(contents: ImageContents): string {
  const node = component('platform', 'node', contents.node, `pkg:generic/node@${contents.node}`);
  const all = [node, ...npmComponents(contents.npmLock), ...distributionComponents(contents.dpkg, contents.osRelease)];
  // npm may install one version in several places.
  const components = [...new Map(all.map((one) => [one.purl, one])).values()];
  const { name, version } = contents;
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { type: 'container', 'bom-ref': `${name}:${version}`, name, version } },
    components,
  };
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}

function component(type: Component['type'], name: string, version: string, purl: string): Component {
  return { type, 'bom-ref': purl, name, version, purl };
}

interface LockedPackage {
  readonly name?: string;
  readonly version?: string;
  readonly link?: boolean;
  readonly integrity?: string;
  readonly license?: string;
}

function npmComponents(lock: string): readonly Component[] {
  const { packages } = JSON.parse(lock) as { readonly packages: Readonly<Record<string, LockedPackage>> };
  const marker = 'node_modules/';
  return Object.entries(packages).flatMap(([place, { name: alias, version, link, integrity, license }]) => {
    // What lies elsewhere is of this repository: it is what the bill is of.
    if (!place.includes(marker) || link === true || version === undefined) return [];
    const name = alias ?? place.slice(place.lastIndexOf(marker) + marker.length);
    const [algorithm, digest] = integrity?.split('-') ?? [];
    return {
      ...component('library', name, version, `pkg:npm/${name.replace('@', '%40')}@${encodeURIComponent(version)}`),
      ...(algorithm === 'sha512' && digest !== undefined
        ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] }
        : {}),
      ...(license === undefined ? {} : { licenses: [licence(license)] }),
    };
  });
}

/** SPDX's expressions are of these characters; npm's "SEE LICENSE IN file" is none. */
const licence = (text: string) =>
  /^[\w.()+ -]+$/.test(text) && !text.startsWith('SEE ') ? { expression: text } : { license: { name: text } };

function distributionComponents(dpkg: string, osRelease: string): readonly Component[] {
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)`, 'm').exec(osRelease)?.[1] ?? '';
  const distribution = field('ID');
  return dpkg
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', version = '', architecture = ''] = line.split('\t');
      const qualifiers = `arch=${architecture}&distro=${distribution}-${field('VERSION_ID')}`;
      const place = `${distribution}/${encodeURIComponent(name)}@${encodeURIComponent(version)}`;
      return component('library', name, version, `pkg:deb/${place}?${qualifiers}`);
    });
}
