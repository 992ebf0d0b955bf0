import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

const preload = pathToFileURL(path.resolve(import.meta.dirname, '../end-with-parent.mjs')).href;
/** What npm runs: tells its pid, and that it was told to end. */
const command = `
  process.once('SIGTERM', () => { console.log('ended'); process.exit(); });
  setInterval(() => undefined, 1000);
  console.log(process.pid);
`;
/** Stands for npm. */
const parent = `
  const args = ['--import', ${JSON.stringify(preload)}, '--eval', ${JSON.stringify(command)}];
  require('node:child_process').spawn(process.execPath, args, { stdio: 'inherit' });
`;

it('ends a command whose parent was killed the hard way', async () => {
  const child = spawn(process.execPath, ['--eval', parent], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output === '') child.kill('SIGKILL');
    output += text;
  });
  // The pipe closes once the last process that holds it has ended.
  await once(child, 'close');
  expect(output).toMatch(/^\d+\nended\n$/);
});
