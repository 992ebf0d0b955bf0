import { type OperatorRole, type OperatorWithPasswordBody, requestHeader } from '@darkroom/contracts/admin';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { startBrowser } from './browser.js';
import { TestPlatform } from './platform.js';

/** A page of the dashboard, and what went wrong in it: errors of the page and of its console. */
interface OpenPage {
  readonly page: Page;
  readonly errors: string[];
}

/** How a page is opened: as whom, and in what kind of browser. */
type OpenOptions = Parameters<Browser['newContext']>[0] & { readonly role?: OperatorRole };

/** Opens a page of the dashboard, signed in as a new operator, in a browser that has never been there. */
async function openDashboard(
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

/** What the browser says of answers that are refusals. */
export const refusals = 'the server responded with a status of 4';

/** Starts a platform and a browser for the tests of a file, and gives each the page that it opens; what a page says is wrong fails its test. */
export function dashboardPages() {
  let platform: TestPlatform;
  let browser: Browser;
  let opened: OpenPage;
  beforeAll(async () => {
    // Policies that are switched to are in force at once.
    [platform, browser] = await Promise.all([TestPlatform.start({ environment: { KEY_CACHE_SECONDS: '0' } }), startBrowser()]);
  });
  afterEach(async () => {
    await opened.page.context().close();
    expect(opened.errors).toEqual([]);
  });
  afterAll(async () => {
    await browser.close();
    await platform.dispose();
  });
  return {
    get platform() {
      return platform;
    },
    get browser() {
      return browser;
    },
    get page() {
      return opened.page;
    },
    async open(address?: string, options?: OpenOptions): Promise<void> {
      opened = await openDashboard(browser, platform, address, options);
    },
    button: (name: string | RegExp) => opened.page.getByRole('button', { name }),
    heading: (name: string | RegExp) => opened.page.getByRole('heading', { level: 1, name }),
    inDialog: (name: string | RegExp) => opened.page.getByRole('dialog').getByRole('button', { name }),
    /** Forgets the errors that a test has asked for, by a part of their text. */
    expectErrors(expected: string): void {
      const unexpected = opened.errors.filter((error) => !error.includes(expected));
      opened.errors.splice(0, opened.errors.length, ...unexpected);
    },
  };
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
