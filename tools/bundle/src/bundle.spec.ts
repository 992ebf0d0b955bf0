import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bundle } from './bundle.js';

let root: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'bundle-')));
});
afterEach(() => rm(root, { recursive: true }));

/** Writes a file of the service, or of a package. */
async function write(file: string, content: string): Promise<void> {
  const target = path.join(root, file);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, content);
}

/** Writes a module as tsc would, whose lines are those of its source. */
async function writeOurs(name: string, code: string): Promise<void> {
  const mappings = code.split('\n').map((_, line) => (line === 0 ? 'AAAA' : 'AACA'));
  const map = { version: 3, file: `${name}.js`, sources: [`../src/${name}.ts`], names: [], mappings: mappings.join(';') };
  await write(`dist/${name}.js`, code);
  await write(`dist/${name}.js.map`, JSON.stringify(map));
}

async function writePackage(code: string): Promise<void> {
  await write('node_modules/greeting/package.json', '{"name":"greeting","main":"index.js"}');
  await write('node_modules/greeting/index.js', code);
}

const bundled = () => bundle(path.join(root, 'dist/main.js'), path.join(root, 'dist/bundle'));

it('makes modules that know their place, and stacks that name the sources', async () => {
  await writePackage("exports.greeting = '\u{1f44b} \u00e9'; exports.Greeter = class Service {};");
  await writeOurs('place', 'export class Service {}\nexport const place = import.meta.url;');
  await writeOurs(
    'main',
    [
      "import { greeting, Greeter } from 'greeting';",
      "import { place, Service } from './place.js';",
      'const stack = new Error().stack;',
      'console.log(JSON.stringify({ greeting, place, names: [Service.name, Greeter.name], stack }));',
    ].join('\n'),
  );
  await bundled();
  await rm(path.join(root, 'node_modules'), { recursive: true });
  const main = path.join(root, 'dist/bundle/main.js');
  const { stdout } = await promisify(execFile)(process.execPath, ['--enable-source-maps', main]);
  expect(JSON.parse(stdout)).toEqual({
    greeting: '\u{1f44b} \u00e9',
    place: new URL(`file://${root}/dist/place.js`).href,
    names: ['Service', 'Service'],
    stack: expect.stringContaining(`${root}/src/main.ts:3`),
  });
  const packages = await readFile(path.join(root, 'dist/bundle/packages.js'), 'utf8');
  expect(packages).toMatch(/^[\0-\x7f]*$/);
  expect(packages).not.toContain('sourceMappingURL');
});

it('refuses a package with native code, which would be looked for in the wrong place', async () => {
  await writePackage("module.exports = require('./greeting.node');");
  await writeOurs('main', "import 'greeting';");
  await expect(bundled()).rejects.toThrow('loads native code');
});

it('refuses an import that leads nowhere', async () => {
  await writeOurs('main', "import 'absent';");
  await expect(bundled()).rejects.toThrow('absent');
});
