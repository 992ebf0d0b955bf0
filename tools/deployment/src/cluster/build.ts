import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, cp, glob, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** The newest Kubernetes whose whole source is among Debian's packages (bookworm's; later ones hold kubectl alone). */
const VERSION = '1.20.2';
const ARCHIVE = 'kubernetes_1.20.5+really1.20.2.orig.tar.gz';
const ARCHIVE_SHA256 = 'b83c0780efb182d928dc63d46488a847f161f04e40a94b96bf5247dd671ecdfc';

/** A compiler that can still build that source, with its library, and the etcd that the API server keeps its objects in. */
const debianPackages = ['golang-1.19-go', 'golang-1.19-src', 'etcd-server', 'golang-github-modern-go-reflect2-dev'];

/** A package of the source that reads Go's maps by their layout, which this compiler has changed; Debian has the version that knows. */
const replaced = 'github.com/modern-go/reflect2';
const programs = ['kube-apiserver', 'kube-scheduler', 'kube-controller-manager'];

/**
 * Builds a control plane of Kubernetes from Debian's source package into a folder's `bin`, without installing anything. It takes a few
 * gigabytes of disk, and some ten minutes of two cores; what is there already is kept.
 *
 * @returns the folder of the programs.
 * @throws {Error} Thrown with the words of the step that failed.
 */
export async function buildKubernetes(folder: string, say: (line: string) => void): Promise<string> {
  const bin = path.join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  const run = (program: string, args: readonly string[], options: object = {}) =>
    promisify(execFile)(program, args, { cwd: folder, maxBuffer: 64 * 2 ** 20, ...options });

  say('fetching the compiler, etcd and the source …');
  const root = path.join(folder, 'root');
  if (!existsSync(path.join(bin, 'etcd'))) {
    await run('apt-get', ['download', ...debianPackages]);
    for await (const file of glob('*.deb', { cwd: folder })) await run('dpkg', ['-x', file, root]);
    await copyFile(path.join(root, 'usr/bin/etcd'), path.join(bin, 'etcd'));
  }
  // Go finds the source's own libraries by where it lies.
  const goPath = path.join(folder, 'gopath');
  const source = path.join(goPath, 'src/k8s.io/kubernetes');
  if (!existsSync(source)) {
    await fetchSource(folder, source, run);
    const own = path.join(source, 'vendor', replaced);
    await rm(own, { recursive: true });
    await cp(path.join(root, 'usr/share/gocode/src', replaced), own, { recursive: true });
  }

  const goRoot = path.join(root, 'usr/lib/go-1.19');
  const environment = {
    ...process.env,
    PATH: [path.join(goRoot, 'bin'), process.env['PATH']].join(path.delimiter),
    ...{ GOROOT: goRoot, GOPATH: goPath, GOCACHE: path.join(folder, 'cache'), GO111MODULE: 'off', GOFLAGS: '', CGO_ENABLED: '0' },
  };
  const go = async (...args: readonly string[]) => {
    const child = spawn('nice', ['-n', '10', 'go', ...args], {
      cwd: source,
      env: environment,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const [code] = (await once(child, 'close')) as [number];
    if (code !== 0) throw new Error(`go ${args[0]} ended with status ${code}`);
  };
  const schemas = path.join(source, 'pkg/generated/openapi/zz_generated.openapi.go');
  if (!existsSync(schemas)) {
    say('generating the schemas of the API …');
    await go('build', '-o', `${bin}/`, './vendor/k8s.io/kube-openapi/cmd/openapi-gen');
    await generateSchemas(path.join(bin, 'openapi-gen'), source, environment);
  }
  const [major = '', minor = ''] = VERSION.split('.');
  const fields = Object.entries({ gitVersion: `v${VERSION}`, gitMajor: major, gitMinor: minor });
  // What the programs say of themselves, and what the API answers.
  const homes = ['component-base/version', 'client-go/pkg/version'].map((home) => `k8s.io/kubernetes/vendor/k8s.io/${home}`);
  const flags = ['-s', '-w', ...homes.flatMap((home) => fields.map(([field, value]) => `-X ${home}.${field}=${value}`))].join(
    ' ',
  );
  for (const program of programs) {
    say(`building ${program} …`);
    // Without the clouds' own code, which is half of all there is to compile.
    await go('build', '-p', '2', '-tags', 'providerless', '-ldflags', flags, '-o', `${bin}/`, `./cmd/${program}`);
  }
  return bin;
}

type Run = (program: string, args: readonly string[], options?: object) => Promise<{ stdout: string }>;

/** Debian's source lies beside the package of kubectl, whose address apt knows. */
async function fetchSource(folder: string, source: string, run: Run): Promise<void> {
  const { stdout } = await run('apt-get', ['download', '--print-uris', 'kubernetes-client']);
  const [, address] = /^'([^']+)'/.exec(stdout) ?? [];
  if (address === undefined) throw new Error('apt knows no package kubernetes-client: run apt-get update on Debian 12');
  const response = await fetch(new URL(encodeURIComponent(ARCHIVE), address));
  if (!response.ok) throw new Error(`${ARCHIVE} can't be fetched: ${response.status}`);
  const archive = Buffer.from(await response.arrayBuffer());
  const digest = createHash('sha256').update(archive).digest('hex');
  if (digest !== ARCHIVE_SHA256) throw new Error(`${ARCHIVE} has the SHA-256 ${digest} instead of ${ARCHIVE_SHA256}`);
  await writeFile(path.join(folder, ARCHIVE), archive);
  await run('tar', ['-xzf', ARCHIVE]);
  await mkdir(path.dirname(source), { recursive: true });
  await rename(path.join(folder, `kubernetes-${VERSION}`), source);
}

/** Does what `make gen_openapi` does: the schemas are not in the archive. */
async function generateSchemas(generator: string, source: string, env: object): Promise<void> {
  const tagged: string[] = [];
  for await (const file of glob('{pkg,cmd,staging/src/k8s.io}/**/*.go', { cwd: source })) {
    if (/_test\.go$|\/(code-generator|sample-[a-z-]+)\//.test(file)) continue;
    if ((await readFile(path.join(source, file), 'utf8')).includes('+k8s:openapi-gen=')) tagged.push(path.dirname(file));
  }
  const inputs = [...new Set(tagged)].map((one) => `k8s.io/kubernetes/${one.replace(/^staging\/src/, 'vendor')}`).sort();
  await promisify(execFile)(
    generator,
    [
      ...['-i', inputs.join(','), '-p', 'k8s.io/kubernetes/pkg/generated/openapi', '-O', 'zz_generated.openapi'],
      ...['-h', 'vendor/k8s.io/code-generator/hack/boilerplate.go.txt', '-r', '/dev/null'],
    ],
    { cwd: source, env: env as NodeJS.ProcessEnv, maxBuffer: 64 * 2 ** 20 },
  );
}
