import { readFileSync } from 'node:fs';
import path from 'node:path';
import { extname } from 'node:path/posix';
import type { Browser, Page } from 'playwright-core';
import type { TestPlatform } from './platform.js';

const dist = path.resolve(import.meta.dirname, '../../dashboard/dist');
const types: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

/** A page of the dashboard, and what went wrong in it: errors of the page and of its console. */
export interface OpenPage {
  readonly page: Page;
  readonly errors: readonly string[];
}

/** Opens a page of the dashboard, signed in as an admin, in a browser that has never been there. */
export async function openDashboard(
  browser: Browser,
  platform: TestPlatform,
  address = '/',
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<OpenPage> {
  const authorization = `Bearer ${readFileSync(path.join(platform.stateDir, 'admin-token'), 'utf8').trim()}`;
  const context = await browser.newContext({
    permissions: ['clipboard-read', 'clipboard-write'],
    extraHTTPHeaders: { authorization },
    ...options,
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.route('**/*', async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/admin/v1/session') return await route.fulfill({ json: admin });
    if (pathname.startsWith('/admin/')) return await route.continue();
    const contentType = types[extname(pathname)] ?? 'text/html';
    await route.fulfill({
      contentType,
      body: readFileSync(path.join(dist, contentType === 'text/html' ? 'index.html' : pathname)),
    });
  });
  await page.goto(`${platform.record.controlPlaneUrl}${address}`);
  return { page, errors };
}

const admin = {
  operator: { name: 'admin token', role: 'admin', via: 'token' },
  permissions: ['read', 'content', 'review', 'operate', 'administer'],
};
