import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, startBrowser } from './browser.js';
import { decodeImage } from './images.js';
import { TestPlatform } from './platform.js';

let platform: TestPlatform;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  [platform, browser] = await Promise.all([TestPlatform.start({ environment: { MODELS: '' } }), startBrowser()]);
});
afterEach(() => page.context().close());
afterAll(async () => {
  await browser.close();
  await platform.dispose();
});

/** Opens the page in a browser that has never been here. */
async function open(fragment = `#key=${platform.apiKey}`, options: Parameters<Browser['newContext']>[0] = {}): Promise<string[]> {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'], ...options });
  page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(`${platform.url}/${fragment}`);
  return errors;
}

const develop = async (prompt: string) => {
  await page.getByLabel('What would you like to see?').fill(prompt);
  await page.getByRole('button', { name: 'Develop' }).click();
};
/** Notes what the card of a developing image has shown: on a quick machine it is gone before anyone could look for it. */
const watchDeveloping = () =>
  page.evaluate(`
    window.developing = { progressbar: false, img: false };
    new MutationObserver(() => {
      for (const card of document.querySelectorAll('.developing')) {
        window.developing.progressbar ||= card.querySelector('[role=progressbar], progress') !== null;
        window.developing.img ||= card.querySelector('img') !== null;
      }
    }).observe(document.body, { subtree: true, childList: true });
  `);
const pictures = () => page.locator('.picture');

/** What axe finds in Swagger UI itself: its colours and sizes, what it leaves outside its main landmark, and how it builds the rest. */
const ownToSwaggerUi = [
  ...['color-contrast', 'heading-order', 'nested-interactive', 'region'],
  ...['scrollable-region-focusable', 'select-name', 'target-size'],
];

describe('the page of the HTTP API', () => {
  it.each(['light', 'dark'] as const)('shows every operation in %s colours, and calls one', async (colorScheme) => {
    const errors = await open('docs', { colorScheme });
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.getByRole('heading', { name: /Darkroom/ }).waitFor();
    expect(await page.evaluate("document.documentElement.classList.contains('dark-mode')")).toBe(colorScheme === 'dark');
    await expect.poll(() => page.locator('.opblock').count()).toBeGreaterThan(7);
    await page.getByRole('button', { name: 'Authorize' }).click();
    const bearer = page.locator('.auth-container').filter({ hasText: 'bearer' });
    await bearer.locator('#auth-bearer-value').fill(platform.apiKey);
    await bearer.getByRole('button', { name: 'Apply credentials' }).click();
    await bearer.getByRole('button', { name: 'Close' }).click();
    const models = page.locator('#operations-models-listModels');
    await models.locator('.opblock-summary-control').click();
    await models.getByRole('button', { name: 'Try it out' }).click();
    await models.getByRole('button', { name: 'Execute' }).click();
    await models.locator('.live-responses-table').getByText('pocket-turbo').first().waitFor();
    expect(errors).toEqual([]);
    await expectAccessible(page, ownToSwaggerUi);
  });
});

describe('the playground', () => {
  it('leads from an empty page to a saved picture, which is still there after a reload', async () => {
    const errors = await open();
    await expectAccessible(page);
    await watchDeveloping();
    await develop('a red apple on a blue background');
    await pictures().getByRole('img', { name: 'a red apple on a blue background' }).waitFor();
    // It could be seen before it was done.
    expect(await page.evaluate('window.developing')).toEqual({ progressbar: true, img: true });
    await expectAccessible(page);

    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Save' }).click()]);
    const image = await decodeImage(readFileSync(await download.path()));
    expect(image).toMatchObject({ format: 'png', width: 256, height: 256 });

    await page.reload();
    await pictures().getByRole('img').waitFor();
    // The key is remembered, and not left in the address.
    expect(page.url()).not.toContain('key=');
    expect(errors).toEqual([]);
  });

  it('asks for a key, and says when it is wrong', async () => {
    await open('');
    await expectAccessible(page);
    await page.getByLabel('API key').fill('dk_wrong');
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.getByRole('alert').filter({ hasText: 'not valid' }).waitFor();
    await page.getByLabel('API key').fill(platform.apiKey);
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.getByLabel('What would you like to see?').waitFor();
  });

  it('explains a refusal and what to do', async () => {
    await open();
    await develop('hardcore porn');
    const alert = page.getByRole('alert');
    await alert.filter({ hasText: 'This prompt was not accepted' }).waitFor();
    expect(await alert.textContent()).toMatch(/Describe the scene/);
    await expectAccessible(page);
  });

  it('works by keyboard, with shapes instead of numbers, and keeps a seed that is locked', async () => {
    await open();
    await page.getByLabel('What would you like to see?').focus();
    await page.keyboard.type('a green star');
    await page.getByRole('radio', { name: 'Square' }).focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.getByRole('radio', { name: 'Landscape' }).isChecked()).toBe(true);
    await page.getByRole('button', { name: 'Keep this seed' }).press('Enter');
    const seed = await page.getByLabel('Seed', { exact: true }).inputValue();
    await page.getByLabel('What would you like to see?').press('Control+Enter');
    const image = pictures().getByRole('img');
    await image.waitFor();
    expect(await image.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth)).toBeGreaterThan(256);
    expect(await page.getByLabel('Seed', { exact: true }).inputValue()).toBe(seed);
  });

  it('sets two pictures side by side and tells what differs', async () => {
    await open();
    for (const [count, prompt] of ['a red apple', 'a green apple'].entries()) {
      await develop(prompt);
      await expect.poll(() => pictures().count()).toBe(count + 1);
    }
    for (const box of await page.getByLabel('Compare').all()) await box.check();
    const dialog = page.getByRole('dialog', { name: 'Side by side' });
    await dialog.getByRole('row', { name: /prompt/ }).waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  });

  it('shares its settings by link, and gives a command that makes the same picture', async () => {
    await open();
    await page.getByLabel('What would you like to see?').fill('a blue car');
    const seed = await page.getByLabel('Seed', { exact: true }).inputValue();
    const copied = async () => String(await page.evaluate('navigator.clipboard.readText()'));
    await page.getByRole('button', { name: 'Copy as curl' }).click();
    await page.getByText('Copied as curl.').waitFor();
    expect(await copied()).toContain(`${platform.url}/v1/images/generations`);
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page.getByText('Copied link.').waitFor();
    const link = await copied();
    // Another part of the same page would not load it again.
    await page.goto('about:blank');
    await page.goto(link);
    expect(await page.getByLabel('What would you like to see?').inputValue()).toBe('a blue car');
    expect(await page.getByLabel('Seed', { exact: true }).inputValue()).toBe(seed);
  });

  it('tells whether a picture is ours: one that it made, one that was saved anew, another, and what is none', async () => {
    const errors = await open();
    await develop('a red apple on a blue background');
    await pictures().getByRole('img').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Save' }).click()]);
    const ours = readFileSync(await download.path());
    await page.getByRole('button', { name: 'Is it ours?' }).click();
    const dialog = page.getByRole('dialog', { name: 'Is this picture ours?' });
    const ask = async (name: string, buffer: Buffer) =>
      await dialog.getByLabel('Choose a picture, or drop one here').setInputFiles({ name, mimeType: 'image/png', buffer });
    const finding = (name: string) => dialog.getByRole('status').getByRole('region', { name });
    await ask('ours.png', ours);
    await finding('ours.png').getByText('This picture was made here').waitFor();
    expect(
      await finding('ours.png')
        .getByText(/seed \d+/)
        .count(),
    ).toBe(1);
    await expectAccessible(page);
    await ask('saved.png', await sharp(ours).png().toBuffer());
    await finding('saved.png').getByText('This picture was probably made here').waitFor();
    const plain = sharp({ create: { width: 96, height: 96, channels: 3, background: 'teal' } });
    await ask('other.png', await plain.png().toBuffer());
    await finding('other.png').getByText('Nothing says that this picture is ours').waitFor();
    await expectAccessible(page);
    await ask('notes.png', Buffer.from('not a picture'));
    await dialog.getByRole('alert').filter({ hasText: 'not a picture that can be read' }).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => dialog.count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('starts from a picture, of which it draws a part anew, and from one that it made', async () => {
    const errors = await open();
    const side = 256;
    const checks = Buffer.alloc(side * side * 3, 40);
    for (let i = 0; i < side * side; i++) if (((i >> 5) ^ (i >> 13)) & 1) checks.fill(210, 3 * i, 3 * i + 3);
    const file = await sharp(checks, { raw: { width: side, height: side, channels: 3 } })
      .png()
      .toBuffer();
    const field = page.getByLabel('Start from a picture');
    await field.setInputFiles({ name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') });
    await page.getByRole('alert').filter({ hasText: 'not a picture that can be read' }).waitFor();
    await field.setInputFiles({ name: 'checks.png', mimeType: 'image/png', buffer: file });
    await page.getByRole('img', { name: 'The one to start from' }).waitFor();
    expect(await page.getByRole('radio', { name: 'As it is' }).isChecked()).toBe(true);
    await page.getByLabel('Draw anew').selectOption('The upper half');
    await expectAccessible(page);
    await develop('a yellow star on a black background');
    await pictures().getByRole('img').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Save' }).click()]);
    const made = await sharp(await download.path())
      .removeAlpha()
      .raw()
      .toBuffer();
    const kept = 3 * side * (side / 2 + 16);
    expect(made.subarray(kept).equals(checks.subarray(kept))).toBe(true);
    expect(made.subarray(0, kept).equals(checks.subarray(0, kept))).toBe(false);

    // Painting chooses by hand.
    const canvas = page.locator('.source canvas');
    const box = await canvas.boundingBox();
    await page.mouse.move((box?.x ?? 0) + 20, (box?.y ?? 0) + 20);
    await page.mouse.down();
    await page.mouse.move((box?.x ?? 0) + 60, (box?.y ?? 0) + 40, { steps: 4 });
    await page.mouse.up();
    expect(await page.getByLabel('Draw anew').inputValue()).toBe('painted');
    await page.getByRole('button', { name: 'Copy as curl' }).click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/images\/edits.*mask=@mask\.png/s);

    await page.getByRole('button', { name: 'Start from nothing instead' }).click();
    await pictures().getByRole('button', { name: 'Start from it' }).click();
    await page.getByRole('img', { name: 'The one to start from' }).waitFor();
    expect(errors).toEqual([]);
  });

  it('cancels what is wanted no more', async () => {
    await open();
    await page.getByText('Advanced').click();
    await page.getByLabel('Steps').fill('50');
    await develop('a castle');
    const cancel = page.getByRole('button', { name: 'Cancel' });
    await expect.poll(() => cancel.isEnabled()).toBe(true);
    await cancel.click();
    await page.getByText('Cancelled: “a castle”').waitFor();
  });

  it.each([
    ['light', 1280],
    ['dark', 360],
  ] as const)('is accessible in %s colours, %i pixels wide, and never wider than the screen', async (colorScheme, width) => {
    await open(undefined, { colorScheme, viewport: { width, height: 800 } });
    await page.getByText('Advanced').click();
    await page.getByLabel('What would you like to see?').waitFor();
    await expectAccessible(page);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  });
});
