import { type OperatorRole, type OperatorWithPasswordBody, requestHeader } from '@darkroom/contracts/admin';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { TestPlatform } from './platform.js';

/** A page of the dashboard, and what went wrong in it: errors of the page and of its console. */
export interface OpenPage {
  readonly page: Page;
  readonly errors: string[];
}

/** How a page is opened: as whom, and in what kind of browser. */
export type OpenOptions = Parameters<Browser['newContext']>[0] & { readonly role?: OperatorRole };

/** Opens a page of the dashboard, signed in as a new operator, in a browser that has never been there. */
export async function openDashboard(
  browser: Browser,
  platform: TestPlatform,
  address = '/',
  { role = 'admin', ...options }: OpenOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'], ...options });
  await signIn(context, platform, role);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(`${page.url()}: ${error.stack ?? error.message}`));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(`${platform.record.controlPlaneUrl}${address}`);
  return { page, errors };
}

let operators = 0;

/** Makes an operator and signs in with its password; the browser has its cookie then. */
async function signIn(context: BrowserContext, platform: TestPlatform, role: OperatorRole): Promise<void> {
  operators += 1;
  const name = `${role}-${operators}`;
  const { password } = await platform.admin<OperatorWithPasswordBody>('POST', '/operators', { name, role });
  const origin = platform.record.controlPlaneUrl;
  const headers = { origin, [requestHeader.name]: requestHeader.value };
  const response = await context.request.post(`${origin}/admin/v1/session`, { data: { name, password }, headers });
  if (!response.ok()) throw new Error(`${name} could not sign in: ${await response.text()}`);
}
