import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Check, verdict } from '../run/check.js';
import { runCommand } from '../run/command.js';

/** Checks that every relative link of every document leads to a file that is there. */
export function documentsCheck(root: string): Check {
  return {
    name: 'links of the documents',
    run: async () => {
      const documents = await listDocuments(root);
      const broken = (await Promise.all(documents.map((document) => brokenLinks(root, document)))).flat();
      return verdict(broken.length === 0, broken.join('\n'), `${documents.length} documents`);
    },
  };
}

/** Lists the documents that git knows, or would take. */
async function listDocuments(root: string): Promise<readonly string[]> {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'];
  const { code, stdout, output } = await runCommand('git', args, { cwd: root, timeoutMs: 30_000 });
  if (code !== 0) throw new Error(`git can't list the documents: ${output}`);
  // A foreign licence is kept as it came.
  return [...new Set(stdout.split('\n'))].filter(
    (name) => name !== '' && !/licen[cs]es\//i.test(name) && existsSync(path.join(root, name)),
  );
}

/** Reports the relative links of one document that lead nowhere. */
export async function brokenLinks(root: string, document: string): Promise<readonly string[]> {
  const text = withoutCode(await readFile(path.join(root, document), 'utf8'));
  const links = [...text.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)|\bsrc="([^"]+)"|\bhref="([^"]+)"/g)].map(
    ([, inline, source, reference]) => inline ?? source ?? reference ?? '',
  );
  return links.filter((link) => !leadsSomewhere(root, document, link)).map((link) => `${document}: ${link} leads nowhere`);
}

function leadsSomewhere(root: string, document: string, link: string): boolean {
  if (/^([a-z][a-z0-9+.-]*:|#)/i.test(link)) return true;
  const [target = ''] = link.split('#');
  const base = target.startsWith('/') ? root : path.join(root, path.dirname(document));
  return existsSync(path.join(base, decodeURIComponent(target)));
}

function withoutCode(text: string): string {
  return text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '').replaceAll(/`[^`\n]*`(?!\])/g, '');
}
