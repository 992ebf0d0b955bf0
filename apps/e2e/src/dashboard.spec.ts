/** The dashboard in a real browser, against a real control plane. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, startBrowser } from './browser.js';
import { openDashboard } from './dashboard.js';
import { TestPlatform } from './platform.js';

let platform: TestPlatform;
let browser: Browser;
let page: Page;
let errors: readonly string[] = [];
beforeAll(async () => {
  [platform, browser] = await Promise.all([TestPlatform.start(), startBrowser()]);
});
/** What a page has said is wrong fails its test. */
afterEach(async () => {
  await page.context().close();
  expect(errors).toEqual([]);
});
afterAll(async () => {
  await browser.close();
  await platform.dispose();
});

async function open(address?: string, options?: Parameters<Browser['newContext']>[0]): Promise<void> {
  ({ page, errors } = await openDashboard(browser, platform, address, options));
}

describe('the dashboard', () => {
  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['dark', 360],
  ] as const)('leads to its areas in %s colours, %d pixels wide', async (colorScheme, width) => {
    await open('/tenants', { colorScheme, viewport: { width, height: 800 } });
    await page.getByRole('heading', { level: 1, name: 'Tenants' }).waitFor();
    await page.getByRole('row', { name: /default/ }).waitFor();
    if (width < 800) await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('navigation', { name: 'Areas' }).getByRole('link', { name: 'Tenants' }).waitFor();
    // Nothing is wider than the screen.
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    await expectAccessible(page);
  });

  it('finds areas from the keyboard, and says so where no page is', async () => {
    await open('/nothing');
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('tena');
    await page.getByRole('option', { name: 'Tenants' }).waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Tenants' }).waitFor();
  });
});
