import { requestOf, type Settings } from './settings.js';

/** A command line that makes the same picture; the key is left to whoever runs it, as is a picture that it starts from. */
export function asCurl(settings: Settings, origin: string): string {
  const request = { ...requestOf(settings), response_format: 'b64_json' };
  const head = `  -H "Authorization: Bearer $DARKROOM_API_KEY"`;
  const what = settings.picture
    ? [
        `curl -s ${origin}/v1/images/edits \\`,
        `${head} \\`,
        ...formOf(settings).map((part) => `  -F ${part} \\`),
        ...Object.entries(request).map(([name, value]) => `  --form-string ${shellQuoted(`${name}=${value}`)} \\`),
      ]
    : [
        `curl -s ${origin}/v1/images/generations \\`,
        `${head} -H "Content-Type: application/json" \\`,
        `  -d ${shellQuoted(JSON.stringify(request))} \\`,
      ];
  return [...what, `  | sed 's/.*"b64_json": *"\\([^"]*\\)".*/\\1/' | base64 -d > picture.png`].join('\n');
}

function formOf({ picture }: Settings): string[] {
  const strength = picture?.strength ?? null;
  return [
    'image=@start.png',
    ...(picture?.mask ? ['mask=@mask.png'] : []),
    ...(strength === null ? [] : [`strength=${strength}`]),
  ];
}

/** A program with OpenAI's client that makes the same picture. */
export function asCode(settings: Settings, origin: string): string {
  const { prompt, model, size, ...own } = requestOf(settings);
  const known = Object.entries({ model, prompt, size }).filter(([, value]) => value !== undefined);
  const lines = [...known, ...Object.entries(own)].map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`);
  const isEdit = settings.picture !== null;
  return [
    ...(isEdit ? [`import { createReadStream } from 'node:fs';`] : []),
    `import { writeFile } from 'node:fs/promises';`,
    `import OpenAI from 'openai';`,
    ``,
    `const client = new OpenAI({ baseURL: '${origin}/v1', apiKey: process.env.DARKROOM_API_KEY });`,
    `const { data } = await client.images.${isEdit ? 'edit' : 'generate'}({`,
    ...formOf(settings)
      .filter(() => isEdit)
      .map(asProperty),
    ...lines,
    `});`,
    `await writeFile('picture.png', Buffer.from(data[0].b64_json, 'base64'));`,
  ].join('\n');
}

function asProperty(part: string): string {
  const [name = '', value = ''] = part.split('=');
  return value.startsWith('@') ? `  ${name}: createReadStream('${value.slice(1)}'),` : `  ${name}: ${value},`;
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
