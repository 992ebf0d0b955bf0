import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ConfigClass, ConfigError, type Environment, type Variable } from '@darkroom/service-kit';
import { workspaceRoot } from './workspace.js';

/** The apps' configuration by itself, without the app: tools may not import apps, and this reads a file that lies in one. */
async function configOf(app: string): Promise<ConfigClass<Record<string, Variable>>> {
  const url = pathToFileURL(path.join(workspaceRoot, 'apps', app, 'src/config.ts')).href;
  const { Config } = (await import(/* @vite-ignore */ url)) as { Config: ConfigClass<Record<string, Variable>> };
  return Config;
}

/** Lists the names of the variables that an app reads, those of secrets' files among them. */
export async function variablesOf(app: string): Promise<ReadonlySet<string>> {
  const { definition } = await configOf(app);
  return new Set(Object.values(definition.variables).flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name])));
}

/** Names the variables of an app whose names end in a text, for instance "_ADDRESS". */
export async function variablesEndingIn(app: string, ending: string): Promise<readonly string[]> {
  return [...(await variablesOf(app))].filter((name) => name.endsWith(ending));
}

/** What Node itself reads. */
const ofNode = new Set(['NODE_EXTRA_CA_CERTS']);

/** Reports each variable that an app does not know, and what its own configuration says about the values. */
export async function environmentFindings(app: string, environment: Environment): Promise<readonly string[]> {
  const known = await variablesOf(app);
  const strangers = Object.keys(environment).filter((name) => !known.has(name) && !ofNode.has(name));
  const findings = strangers.map((name) => `${app} does not read ${name}`);
  // Their defaults are of this machine, which is never right in a container.
  for (const store of ['REDIS_URL', 'BLOB_STORE_URL']) {
    const isNamed = store in environment || `${store}_FILE` in environment;
    if (known.has(store) && !isNamed) findings.push(`${app} is not told its ${store}`);
  }
  const Config = await configOf(app);
  try {
    Config.read(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    findings.push(error.message);
  }
  return findings;
}
