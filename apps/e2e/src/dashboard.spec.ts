/** The dashboard in a real browser, against a real control plane. */
import { readFileSync } from 'node:fs';
import {
  type AuditEntryBody,
  type IssuedKeyBody,
  type ListBody,
  type ReviewBody,
  requestHeader,
} from '@darkroom/contracts/admin';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, startBrowser } from './browser.js';
import { type OpenOptions, openDashboard } from './dashboard.js';
import { state, submit } from './generation.js';
import { type CreatedKey, TestPlatform } from './platform.js';
import { until } from './processes.js';

let platform: TestPlatform;
let browser: Browser;
let page: Page;
let errors: string[] = [];
beforeAll(async () => {
  // Policies that are switched to are in force at once.
  [platform, browser] = await Promise.all([TestPlatform.start({ environment: { KEY_CACHE_SECONDS: '0' } }), startBrowser()]);
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

async function open(address?: string, options?: OpenOptions): Promise<void> {
  ({ page, errors } = await openDashboard(browser, platform, address, options));
}

const button = (name: string | RegExp) => page.getByRole('button', { name });
const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });
const inDialog = (name: string | RegExp) => page.getByRole('dialog').getByRole('button', { name });

/** Forgets what the browser says of answers that are refusals, which a test has asked for. */
const refusalsAreExpected = () => {
  const unexpected = errors.filter((error) => !error.includes('the server responded with a status of 4'));
  errors.splice(0, errors.length, ...unexpected);
};

describe('every page', () => {
  const pages: readonly (readonly [string, RegExp])[] = [
    ['/overview', /Overview/],
    ['/fleet', /Fleet/],
    ['/models', /Models/],
    ['/generations', /Generations/],
    ['/tenants', /Tenants/],
    ['/tenants/default', /default/],
    ['/usage?by=model', /Usage/],
    ['/webhooks', /Webhooks/],
    ['/moderation', /Moderation/],
    ['/moderation/policies', /Default policy/],
    ['/red-team', /Red team/],
    ['/audit', /Audit log/],
    ['/operators', /Operators/],
    ['/account', /Your account/],
    ['/nothing', /There is no such page/],
  ];

  it.each([
    ['dark', 1280],
    ['light', 360],
  ] as const)('can be used by everybody in %s colours, %d pixels wide', async (colorScheme, width) => {
    await open('/tenants', { colorScheme, viewport: { width, height: 800 } });
    for (const [address, title] of pages) {
      await page.goto(`${platform.record.controlPlaneUrl}${address}`);
      await heading(title).waitFor();
      await expect.poll(() => page.getByText('Loading…').count(), { message: address, timeout: 20_000 }).toBe(0);
      // Nothing is wider than the screen.
      expect([address, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([address, width]);
      await expectAccessible(page);
    }
  });

  it('is found by the keyboard, by name or by an id', async () => {
    await open('/nothing', { viewport: { width: 400, height: 800 } });
    await heading('There is no such page').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('tena');
    await page.getByRole('option', { name: 'Tenants' }).waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Enter');
    await heading('Tenants').waitFor();
    const { data } = await platform.admin<ListBody<{ id: string }>>('GET', '/keys');
    await page.keyboard.press('Control+k');
    await page.keyboard.type(data[0]?.id ?? '');
    await page.keyboard.press('Enter');
    await heading('default').waitFor();
    await button('Menu').click();
    await page.getByRole('navigation', { name: 'Areas' }).getByRole('link', { name: 'Audit log' }).click();
    await heading('Audit log').waitFor();
  });

  it('offers a role what it may, and asks whoever is not signed in to sign in', async () => {
    await open('/tenants/default', { role: 'viewer' });
    await heading('default').waitFor();
    await page.getByRole('table', { name: 'Keys' }).waitFor();
    expect(await page.getByRole('button', { name: /New key|Revoke|Save/ }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Moderation', exact: true }).count()).toBe(0);
    await page.context().clearCookies();
    await page.reload();
    await heading(/Sign in/).waitFor();
    await expectAccessible(page);
  });
});

describe('a tenant', () => {
  it('is made, limited as the server allows, and given a key that is shown once and can be revoked', async () => {
    await open('/tenants');
    const name = page.getByLabel('Name', { exact: true });
    await name.fill('default');
    await button('Make the tenant').click();
    await page.getByRole('alert').filter({ hasText: 'a tenant of that name exists' }).waitFor();
    await name.fill('films');
    await button('Make the tenant').click();
    await heading('films').waitFor();

    const limit = page.getByRole('textbox', { name: 'Requests a minute' });
    await limit.fill('lots');
    await button('Save').click();
    await page.getByRole('alert').filter({ hasText: 'must be a whole number from 1' }).waitFor();
    expect(await limit.getAttribute('aria-invalid')).toBe('true');
    await limit.fill('600');
    await button('Save').click();
    await page.getByText('The tenant was changed').waitFor();
    expect(await platform.admin('GET', '/tenants/films')).toMatchObject({ requests_per_minute: 600, weight: null });

    await button('New key').click();
    await page.getByRole('dialog').getByLabel('Name').fill('web');
    await inDialog('Issue the key').click();
    await inDialog('Copy the secret').click();
    await expectAccessible(page);
    const secret = String(await page.evaluate('navigator.clipboard.readText()'));
    const models = () => platform.fetch('/v1/models', { headers: { authorization: `Bearer ${secret}` } });
    expect((await models()).status).toBe(200);
    await inDialog('Done').click();
    await expect.poll(() => page.content()).not.toContain(secret);

    await button('Revoke').click();
    await page.getByRole('dialog', { name: 'Revoke the key web?' }).waitFor();
    await inDialog('Revoke').click();
    await page.getByText('Key web was revoked.').waitFor();
    await page.getByText(/^revoked/).waitFor();
    expect((await models()).status).toBe(401);
    refusalsAreExpected();
  });
});

describe('usage', () => {
  it('is drawn and told by day and model, priced, and taken away as CSV', async () => {
    expect((await platform.post({ prompt: 'a red apple', size: '128x128', seed: 7 })).status).toBe(200);
    await open('/usage');
    await page
      .getByRole('img', { name: /Compute units a day/ })
      .locator('canvas')
      .waitFor();
    await page.getByLabel('Also by').selectOption('model');
    const row = page.getByRole('table', { name: 'Usage' }).getByRole('row', { name: /pocket/ });
    await row.waitFor();
    await page.getByLabel('Price of a million compute units').fill('1000000');
    const [line] = (await platform.admin<{ data: { compute_units: number }[] }>('GET', '/usage/summary?group_by=model')).data;
    expect(await row.textContent()).toContain(line?.compute_units.toLocaleString('en'));
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download CSV' }).click(),
    ]);
    expect(readFileSync(await download.path(), 'utf8')).toMatch(/^date,model,generations,.*\r\n\d{4}-\d\d-\d\d,pocket/);
  });
});

describe('webhooks', () => {
  it('are stopped and let go again', async () => {
    const body = JSON.stringify({ url: 'http://127.0.0.1:9/hook', description: 'the shop' });
    expect((await platform.fetch('/v1/webhooks', { method: 'POST', body })).status).toBe(201);
    await open('/webhooks');
    // What can't be reached says so, and can be tried again.
    await page.getByRole('table', { name: 'Webhooks' }).waitFor();
    await page.context().setOffline(true);
    await page.getByLabel('Tenant').selectOption({ index: 1 });
    await page.getByRole('alert').filter({ hasText: 'can’t be reached' }).waitFor();
    await expectAccessible(page);
    await page.context().setOffline(false);
    await button('Try again').click();
    await page.getByRole('table', { name: 'Webhooks' }).waitFor();
    errors.splice(0, errors.length, ...errors.filter((error) => !error.includes('ERR_INTERNET_DISCONNECTED')));
    await button('Disable').click();
    await inDialog('Disable').click();
    await page.getByText('disabled by an operator').waitFor();
    const { data } = (await (await platform.fetch('/v1/webhooks')).json()) as { data: object[] };
    expect(data).toMatchObject([{ enabled: false, disabled_reason: 'disabled by an operator' }]);
    await button('Enable').click();
    await button('Disable').waitFor();
  });

  it('show what is sent to them, and why it was not taken; who may operate sends it again', async () => {
    const generation = await platform.fetch('/v1/generations', { method: 'POST', body: JSON.stringify({ prompt: 'a fig' }) });
    const { id } = (await generation.json()) as { id: string };
    // From the generation it is one click away.
    await open(`/generations/${id}`, { viewport: { width: 360, height: 800 } });
    await page.getByRole('link', { name: 'http://127.0.0.1:9/hook' }).click();
    await heading('Delivery').waitFor();
    await page.getByText('the connection was refused').first().waitFor();
    await button('Send again').click();
    await inDialog('Send again').click();
    await page.getByText('It is sent again.').waitFor();
    const refused = page.getByRole('table', { name: 'Attempts' }).getByText('the connection was refused');
    await expect.poll(() => refused.count(), { timeout: 15_000 }).toBeGreaterThan(1);
    await expectAccessible(page);
    await page.getByRole('link', { name: 'The webhook' }).click();
    await page.getByRole('table', { name: 'Deliveries' }).getByText('pending').waitFor();
    await expectAccessible(page);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await page.getByLabel('State').selectOption('succeeded');
    await page.getByText('No delivery stands so.').waitFor();
  });
});

describe('generations', () => {
  const ask = async (body: object): Promise<string> => {
    const answer = await platform.fetch('/v1/generations', { method: 'POST', body: JSON.stringify(body) });
    const { id } = (await answer.json()) as { id?: string };
    return id ?? expect.fail(`it was answered with ${answer.status}`);
  };
  const rowOf = (id: string) => page.getByRole('row').filter({ has: page.locator(`code[title="${id}"]`) });

  it('are narrowed to days, which stand in the address', async () => {
    await ask({ prompt: 'a plum', size: '64x64' });
    await open('/generations?to=2020-01-01');
    await page.getByText('No generation is like that.').waitFor();
    await page.getByLabel('To', { exact: true }).fill('');
    await page.getByLabel('From', { exact: true }).fill('2020-01-01');
    await page.getByRole('table', { name: 'Generations' }).waitFor();
    expect(new URL(page.url()).search).toBe('?from=2020-01-01');
  });

  it('appear without a reload as they are asked for, and one shows its pictures and where its time went', async () => {
    await open('/generations');
    await heading('Generations').waitFor();
    const id = await ask({ prompt: 'a red apple', size: '64x64', seed: 7 });
    await rowOf(id).getByText('succeeded').waitFor();
    await rowOf(id).getByRole('link').first().click();
    await heading('Generation').waitFor();
    for (const stage of ['queue', 'encode', 'denoise', 'decode', 'moderate', 'store']) {
      await page.getByRole('row', { name: new RegExp(`^${stage} .*\\d m?s`) }).waitFor();
    }
    // Not even loaded before somebody asks for it.
    expect(await page.locator('main img').count()).toBe(0);
    await button('Show image 1').click();
    await page.getByRole('img', { name: 'What was made, number 1' }).waitFor();
    await expect.poll(() => page.evaluate("document.querySelector('main img').naturalWidth")).toBe(64);
    await button('Read the prompt').click();
    await page.getByText('a red apple').waitFor();
    await button('Copy as JSON').click();
    expect(JSON.parse(String(await page.evaluate('navigator.clipboard.readText()')))).toMatchObject({ model: 'pocket', seed: 7 });
    await expectAccessible(page);
  });

  it('that failed are found with their cause, and made anew', async () => {
    const deadline = new Date(Date.now() + 4_000).toISOString();
    platform.signal('denoiser-pocket', 'SIGSTOP');
    const id = await ask({ prompt: 'a pear', size: '64x64', steps: 1, deadline }).finally(async () => {
      await until('the deadline has passed', () => Date.now() > Date.parse(deadline));
      platform.signal('denoiser-pocket', 'SIGCONT');
    });
    // Three clicks: the overview, the error, the generation.
    await open('/overview');
    await page.getByRole('link', { name: /deadline.exceeded/ }).click();
    await rowOf(id).getByRole('link').first().click();
    await page.getByText('The deadline that its request named passed before it was done.').waitFor();
    await expectAccessible(page);
    await button('Retry').click();
    await inDialog('Retry').click();
    await page.getByText('It is made anew').waitFor();
    await page.getByText('succeeded', { exact: true }).first().waitFor();
    expect(page.url()).not.toContain(id);
  });

  it('are cancelled by who may operate, and by nobody else', async () => {
    const id = await ask({ prompt: 'a plum', size: '512x512', steps: 100, n: 4 });
    await open(`/generations/${id}`, { role: 'viewer' });
    await page.getByText('What happened').waitFor();
    expect(await page.getByRole('button', { name: /^(Cancel|Retry|Read the prompt|Show image)/ }).count()).toBe(0);
    const refused = (route: string) =>
      page.evaluate(async ([path, headers]) => (await fetch(path, { method: 'POST', headers })).status, [
        `/admin/v1/generations/${id}/${route}`,
        { [requestHeader.name]: requestHeader.value },
      ] as const);
    expect([await refused('cancel'), await refused('prompt')]).toEqual([403, 403]);
    refusalsAreExpected();
    await page.context().close();
    await open(`/generations/${id}`, { role: 'operator' });
    await button('Cancel').click();
    await inDialog('Cancel').click();
    await page.getByText('It was cancelled: by its client').waitFor();
    const entries = (await platform.admin<ListBody<AuditEntryBody>>('GET', '/audit?kind=operator')).data;
    const of = (action: string) => entries.filter(({ operator }) => operator?.action === action && operator.subject === id);
    expect(of('generation.cancel').map(({ operator }) => operator?.outcome)).toEqual(['done', 'refused']);
    expect(of('generation.read_prompt').map(({ operator }) => operator?.outcome)).toEqual(['refused']);
  });
});

describe('moderation', () => {
  it('is given a policy, whose verdicts a person reviews; the audit log tells all of it', async () => {
    const tenant = await platform.admin<{ id: string }>('POST', '/tenants', { name: 'news' });
    const key = await platform.admin<IssuedKeyBody & CreatedKey>('POST', '/keys', { name: 'desk', tenant: 'news' });
    const ask = () =>
      platform.post({ prompt: 'gore and severed heads', size: '128x128', seed: 7 }, { authorization: `Bearer ${key.secret}` });
    expect((await ask()).status).toBe(400);

    await open(`/moderation/policies/${tenant.id}`);
    await button(/Change violence at prompt/).click();
    const dialog = page.getByRole('dialog', { name: 'violence at prompt' });
    await dialog.getByLabel('Looser for requests').uncheck();
    await dialog.getByLabel('block from severity').selectOption('');
    await dialog.getByLabel('blur from severity').selectOption('1');
    await expectAccessible(page);
    await inDialog('Done').click();
    await page.getByLabel('Name of the new version').fill('news 1');
    await button('Enter the version').click();
    // What was refused before would have been blurred.
    await page.getByText('1 of 1 decisions would have come out otherwise').waitFor();
    await page
      .getByRole('row', { name: /news 1/ })
      .getByRole('button', { name: 'Activate' })
      .click();
    await inDialog('Activate').click();
    await page
      .getByRole('row', { name: /news 1/ })
      .getByText('active')
      .waitFor();
    await expectAccessible(page);

    const delivered = await ask();
    expect([delivered.status, delivered.ok || (await delivered.text())]).toEqual([200, true]);
    await until('the decision waits for a reviewer', async () => {
      const { data } = await platform.admin<ListBody<ReviewBody>>('GET', '/reviews?tenant=news');
      return data.length > 0;
    });
    await page.goto(`${platform.record.controlPlaneUrl}/moderation`);
    await page.getByRole('link', { name: 'prompt: violence' }).waitFor();
    await expectAccessible(page);
    await page.keyboard.press('n');
    await heading('Review').waitFor();
    // Not even loaded before somebody asks for it.
    await button('Show the picture').waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    await button('Show the picture').click();
    await page.getByRole('img', { name: 'What was judged' }).waitFor();
    await page.getByRole('textbox', { name: 'Note' }).fill('A painting of a battle.');
    await button('Leave the note').click();
    await page.getByText('A painting of a battle.').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('a');
    await page.getByRole('dialog', { name: 'Approve' }).getByLabel('Reason').fill('It is a painting.');
    await inDialog('Approve').click();
    await page.getByText('Nothing waits for a person.').waitFor();
    const [review] = (await platform.admin<ListBody<ReviewBody>>('GET', '/reviews?status=all&tenant=news')).data;
    expect(review).toMatchObject({
      status: 'approved',
      reason: 'It is a painting.',
      resolved_by: expect.stringMatching(/^admin-/),
    });

    await page.keyboard.press('/');
    await page.keyboard.type(review?.decision_id ?? '');
    await page.keyboard.press('Enter');
    await heading('Audit entry').waitFor();
    await page.getByRole('cell', { name: 'violence' }).first().waitFor();
    await expectAccessible(page);
    await page.getByRole('navigation', { name: 'Areas' }).getByRole('link', { name: 'Audit log' }).click();
    for (const act of ['reveal', 'note', 'approve']) await page.getByText(new RegExp(`^${act} by admin-`)).waitFor();
    await button('Verify the log').click();
    await page.getByText(/All [\d,]+ entries are as they were written/).waitFor();
    await button(/^Copy anchor/).click();
    await page.getByLabel('Anchor kept elsewhere').fill(String(await page.evaluate('navigator.clipboard.readText()')));
    await button('Verify the log').click();
    await page.getByText(/All [\d,]+ entries are as they were written/).waitFor();

    await page.goto(`${platform.record.controlPlaneUrl}/moderation/policies/${tenant.id}`);
    await button('Roll back').click();
    await inDialog('Roll back').click();
    await page
      .getByRole('row', { name: /the default/ })
      .getByText('active')
      .waitFor();
    expect((await ask()).status).toBe(400);
  });
});

describe('what runs', () => {
  it('is seen on the overview as it happens, and a worker is drained and resumed', async () => {
    const row = () => page.getByRole('row').filter({ has: page.getByRole('link', { name: 'pocket', exact: true }) });
    await open('/overview');
    await row().waitFor();
    await submit(platform, { model: 'pocket' });
    await page.getByRole('rowheader', { name: /denoise/ }).waitFor();

    await page.getByRole('navigation', { name: 'Areas' }).getByRole('link', { name: 'Fleet' }).click();
    await row().getByText('Takes generations').waitFor();
    await row().getByRole('button', { name: 'Drain' }).click();
    await inDialog('Drain').click();
    await row().getByText('Drained', { exact: true }).waitFor();
    // Nobody makes it, until the worker takes generations again; one that it was already asking the queue for, it hands back.
    const id = await submit(platform, { model: 'pocket' });
    await until('it waits', async () => (await state(platform, id))?.status === 'queued');
    await row().getByRole('button', { name: 'Resume' }).click();
    await row().getByText('Takes generations').waitFor();
    await until('it is made', async () => (await state(platform, id))?.status === 'succeeded');
  });

  it('shows models with what they are, and retires one and opens it again', async () => {
    await open('/models');
    const model = page.getByRole('region', { name: 'pocket', exact: true });
    await model.getByText('Takes requests').waitFor();
    await model.getByRole('button', { name: 'Verify files' }).click();
    await model.getByText('As they should be').waitFor();
    await model.getByRole('row').getByText('The same', { exact: true }).waitFor();
    await model.getByRole('button', { name: 'Retire' }).click();
    await inDialog('Retire').click();
    await model.getByText('Retired').waitFor();
    await model.getByRole('button', { name: 'Restore' }).click();
    await model.getByText('Takes requests').waitFor();
  });

  it('is shown to a viewer, who can change nothing', async () => {
    await open('/fleet', { role: 'viewer' });
    await page.getByText('Takes generations').first().waitFor();
    expect(await button('Drain').count()).toBe(0);
  });
});

describe('operators', () => {
  it('are made by an admin, sign in to where they wanted to, choose a password, and are gone once disabled', async () => {
    await open('/operators');
    await button('New operator').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('two words');
    await inDialog('Make the operator').click();
    await dialog.getByRole('alert').waitFor();
    refusalsAreExpected();
    await dialog.getByLabel('Name').fill('ruth');
    await dialog.getByLabel('Role').selectOption('reviewer');
    await inDialog('Make the operator').click();
    await inDialog('Copy the password').click();
    const password = String(await page.evaluate('navigator.clipboard.readText()'));
    await expectAccessible(page);
    await inDialog('Done').click();

    const ruth = await browser.newPage();
    await ruth.goto(`${platform.record.controlPlaneUrl}/moderation?status=all`);
    await ruth.getByLabel('Name').fill('ruth');
    await ruth.getByLabel('Password').fill('not her password');
    await ruth.getByRole('button', { name: 'Sign in' }).click();
    await ruth.getByText('the name or the password is wrong').waitFor();
    await ruth.getByLabel('Password').fill(password);
    await ruth.getByRole('button', { name: 'Sign in' }).click();
    await ruth.getByRole('heading', { level: 1, name: 'Moderation' }).waitFor();
    expect(new URL(ruth.url()).search).toBe('?status=all');
    await ruth.getByRole('link', { name: 'ruth' }).click();
    await ruth.getByLabel('Current password').fill(password);
    await ruth.getByLabel('New password').fill('a password of her own');
    await ruth.getByRole('button', { name: 'Change the password' }).click();
    await ruth.getByText('Your password is changed.').waitFor();
    await ruth.getByRole('button', { name: 'Sign out' }).click();
    await ruth.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await ruth.getByLabel('Name').fill('ruth');
    await ruth.getByLabel('Password').fill('a password of her own');
    await ruth.getByRole('button', { name: 'Sign in' }).click();
    await ruth.getByRole('heading', { level: 1, name: 'Your account' }).waitFor();

    const row = page.getByRole('row', { name: /ruth/ });
    await row.getByRole('button', { name: 'Disable' }).click();
    await inDialog('Disable').click();
    await row.getByText('disabled').waitFor();
    await ruth.reload();
    await ruth.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await ruth.context().close();
  });
});
