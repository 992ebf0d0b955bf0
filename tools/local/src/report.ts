import path from 'node:path';
import { FIRST_OPERATOR, type LocalPlatform, type StartOptions } from './platform.js';
import { apiKeyFile, dashboardPasswordFile, readSecret } from './secrets.js';
import type { Death } from './supervised-process.js';
import { indent, mebibytes, table } from './table.js';

/** Tells that a service died, with its last words, so that nobody has to look for a log. */
export function deathNotice(death: Death): string {
  const words = death.lastWords.length === 0 ? '(it said nothing)' : death.lastWords.join('\n');
  const next =
    death.restartInMs === undefined ? 'a restart would not help' : `starting it again in ${death.restartInMs / 1000} s`;
  return `${death.name} died (${death.how}); ${next}. Its last words:\n${indent(words, '  | ')}`;
}

/** Tells which services aren't ready yet, and why. */
export function waitNotice(problems: ReadonlyMap<string, string>): string {
  return [...problems].map(([name, problem]) => `waiting for ${name}: ${problem}`).join('\n');
}

/** One line for a shell that makes an image with nothing but curl, sed and base64. */
export function curlLine(gatewayUrl: string, apiKey: string): string {
  const body = JSON.stringify({ prompt: 'a red apple on a blue background', seed: 7, size: '256x256' });
  return `curl -s ${gatewayUrl}/v1/images/generations -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: application/json' -d '${body}' | sed 's/.*"b64_json": *"\\([^"]*\\)".*/\\1/' | base64 -d > apple.png`;
}

/** What `npm start` prints once everything is ready. */
export function readyReport(platform: LocalPlatform, apiKey: string, seconds: number, resident: number | undefined): string {
  const { stateDir } = platform.config;
  const rows = platform
    .status()
    .map((service) => [
      service.name,
      `${service.pid ?? '-'}`,
      mebibytes(service.residentBytes),
      service.httpUrl ?? '',
      service.grpcAddress ?? '',
    ]);
  const services = table([['service', 'process', 'memory', 'http', 'grpc'], ...rows], [1, 2]);
  return `
Darkroom is ready after ${seconds.toFixed(1)} s, using ${mebibytes(resident)} of memory.

${indent(services)}

  Playground  ${platform.gatewayUrl}/#key=${apiKey}
  Gateway     ${platform.gatewayUrl}
  Dashboard   ${platform.controlPlaneUrl}  (${howToSignIn(stateDir)})
  API key     ${apiKey}  (kept in ${shortPath(apiKeyFile(stateDir))})
  Logs        ${shortPath(path.join(stateDir, 'logs'))}

Open the playground in a browser, or make an image in another terminal:

  npm run generate -- "a red apple on a blue background" --seed 7 --out apple.png

or with nothing but curl:

  ${curlLine(platform.gatewayUrl, apiKey)}

Ctrl-C stops everything.`;
}

/** The password is kept beside the database that it was made for; another one has operators of its own. */
function howToSignIn(stateDir: string): string {
  const file = dashboardPasswordFile(stateDir);
  if (readSecret(file) !== undefined) return `${FIRST_OPERATOR}, password in ${shortPath(file)}`;
  return 'for a new password: npm run operators -- reset NAME';
}

/** Says what to do when the kept key is revoked, or belongs to another database. */
export function refusedKeyNotice(stateDir: string): string {
  const file = shortPath(apiKeyFile(stateDir));
  return `The gateway refuses the key in ${file}: it is revoked, or of another database. Delete the file and start again for a new one.`;
}

function shortPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : relative;
}

/** Prints events of a starting or running platform to standard error. */
export function consoleEvents(): Pick<StartOptions, 'onDeath' | 'onRecovery' | 'onWait'> {
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  return {
    onDeath: (death) => say(deathNotice(death)),
    onRecovery: (name) => say(`${name} is ready again.`),
    onWait: (problems) => say(waitNotice(problems)),
  };
}
