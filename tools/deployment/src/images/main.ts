import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { LocalError, readLocalConfig, runCommand, stopSignal, table } from '@darkroom/local';
import { billOfMaterials, dpkgFormat } from './bill-of-materials.js';
import { ContainerEngine } from './container-engine.js';
import { chartVersion, cudaApps, imageApps, imageBuild, sourceOrigin } from './workspace-images.js';

const help = `npm run images -- build [APP…]

Builds the images of the apps, or of those that are named, and writes down what is in each: a bill of materials in CycloneDX.
Apps: ${imageApps.join(', ')}

  --cuda              those for GPUs instead: ${cudaApps.join(', ')}
  --engine NAME       docker, podman or buildah (the first that answers)
  --repository NAME   what comes before the app in an image's name (darkroom)
  --version VERSION   the tag (${chartVersion()})
  --out FOLDER        where the bills of materials go (.darkroom/images)
`;

/** Looks into an image and writes its bill of materials. */
async function writeBill(engine: ContainerEngine, image: string, folder: string): Promise<string> {
  const [name = '', version = ''] = image.split(/:(?=[^:/]*$)/);
  const outputOf = (...command: string[]) => engine.outputOf(image, command);
  const bill = billOfMaterials({
    name,
    version,
    npmLock: await outputOf('cat', '/app/node_modules/.package-lock.json'),
    dpkg: await outputOf('dpkg-query', '--show', `--showformat=${dpkgFormat}`),
    osRelease: await outputOf('cat', '/etc/os-release'),
    node: (await outputOf('node', '--version')).trim().replace(/^v/, ''),
  });
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `${path.basename(name)}-${version}.cdx.json`);
  await writeFile(file, bill);
  return file;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      cuda: { type: 'boolean', default: false },
      engine: { type: 'string' },
      repository: { type: 'string', default: 'darkroom' },
      version: { type: 'string', default: chartVersion() },
      out: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  const [command, ...named] = positionals;
  if (command !== 'build') throw new LocalError(help);
  const known = values.cuda ? cudaApps : imageApps;
  const stranger = named.find((app) => !known.includes(app));
  if (stranger !== undefined) throw new LocalError(`There is no image of "${stranger}": there are ${known.join(', ')}.`);
  if (!/^\w[\w.-]{0,127}$/.test(values.version)) throw new LocalError(`--version is "${values.version}": it must be a tag.`);

  const { root, workingDir } = readLocalConfig();
  const folder = values.out === undefined ? path.join(root, '.darkroom/images') : path.resolve(workingDir, values.out);
  const signal = stopSignal();
  const engine = await ContainerEngine.find(values.engine);
  const options = { isCuda: values.cuda, repository: values.repository, version: values.version, origin: await sourceOrigin() };
  const rows = [['image', 'size', 'bill of materials']];
  for (const app of named.length > 0 ? named : known) {
    const build = imageBuild(app, options);
    process.stderr.write(`Building ${build.name} with ${engine.name} …\n`);
    await engine.build(build, signal);
    rows.push([build.name, await engine.sizeOf(build.name), await writeBill(engine, build.name, folder)]);
  }
  process.stdout.write(`${table(rows, [1])}\n`);
  return 0;
}

await runCommand(main);
process.exit();
