import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Starts Debian's Chromium, which talks to nobody but the page it is sent to. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/**
 * Expects that axe finds nothing on the page that keeps people with disabilities out (WCAG 2.2, A and AA).
 *
 * @param known rules of axe that are known to be broken, by parts of the page that are not ours.
 */
export async function expectAccessible(page: Page, known: readonly string[] = []): Promise<void> {
  // The page's policy lets no foreign script in; the debugger may.
  await page.evaluate(axe);
  const violations = await page.evaluate(async (known) => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> };
    };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const rules = Object.fromEntries(known.map((rule) => [rule, { enabled: false }]));
    const found = await axe.run({ runOnly: tags, rules });
    return found.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`,
    );
  }, known);
  expect(violations).toEqual([]);
}
