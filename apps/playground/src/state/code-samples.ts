import { requestOf, type Settings } from './settings.js';

/** A command line that makes the same picture; the key is left to whoever runs it. */
export function asCurl(settings: Settings, origin: string): string {
  const body = JSON.stringify({ ...requestOf(settings), response_format: 'b64_json' });
  return [
    `curl -s ${origin}/v1/images/generations \\`,
    `  -H "Authorization: Bearer $DARKROOM_API_KEY" -H "Content-Type: application/json" \\`,
    `  -d ${shellQuoted(body)} \\`,
    `  | sed 's/.*"b64_json": *"\\([^"]*\\)".*/\\1/' | base64 -d > picture.png`,
  ].join('\n');
}

/** A program with OpenAI's client that makes the same picture. */
export function asCode(settings: Settings, origin: string): string {
  const { prompt, model, size, ...own } = requestOf(settings);
  const known = Object.entries({ model, prompt, size }).filter(([, value]) => value !== undefined);
  const lines = [...known, ...Object.entries(own)].map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`);
  return [
    `import { writeFile } from 'node:fs/promises';`,
    `import OpenAI from 'openai';`,
    ``,
    `const client = new OpenAI({ baseURL: '${origin}/v1', apiKey: process.env.DARKROOM_API_KEY });`,
    `const { data } = await client.images.generate({`,
    ...lines,
    `});`,
    `await writeFile('picture.png', Buffer.from(data[0].b64_json, 'base64'));`,
  ].join('\n');
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
