/** The dashboard in a real browser, against a real control plane: its areas, tenants and operators. */
import { readFileSync } from 'node:fs';
import { type ListBody } from '@darkroom/contracts/admin';
import { describe, expect, it } from 'vitest';
import { expectAccessible } from './browser.js';
import { dashboardPages, refusals } from './dashboard.js';
import { state, submit } from './generation.js';
import { until } from './processes.js';

const dashboard = dashboardPages();
const { open, button, heading, inDialog, expectErrors } = dashboard;

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
      await dashboard.page.goto(`${dashboard.platform.record.controlPlaneUrl}${address}`);
      await heading(title).waitFor();
      await expect.poll(() => dashboard.page.getByText('Loading…').count(), { message: address, timeout: 20_000 }).toBe(0);
      // Nothing is wider than the screen.
      expect([address, await dashboard.page.evaluate('document.documentElement.scrollWidth')]).toEqual([address, width]);
      await expectAccessible(dashboard.page);
    }
  });

  it('is found by the keyboard, by name or by an id', async () => {
    await open('/nothing', { viewport: { width: 400, height: 800 } });
    await heading('There is no such page').waitFor();
    await dashboard.page.keyboard.press('/');
    await dashboard.page.keyboard.type('tena');
    await dashboard.page.getByRole('option', { name: 'Tenants' }).waitFor();
    await expectAccessible(dashboard.page);
    await dashboard.page.keyboard.press('Enter');
    await heading('Tenants').waitFor();
    const { data } = await dashboard.platform.admin<ListBody<{ id: string }>>('GET', '/keys');
    await dashboard.page.keyboard.press('Control+k');
    await dashboard.page.keyboard.type(data[0]?.id ?? '');
    await dashboard.page.keyboard.press('Enter');
    await heading('default').waitFor();
    await button('Menu').click();
    await dashboard.page.getByRole('navigation', { name: 'Areas' }).getByRole('link', { name: 'Audit log' }).click();
    await heading('Audit log').waitFor();
  });

  it('offers a role what it may, and asks whoever is not signed in to sign in', async () => {
    await open('/tenants/default', { role: 'viewer' });
    await heading('default').waitFor();
    await dashboard.page.getByRole('table', { name: 'Keys' }).waitFor();
    expect(await dashboard.page.getByRole('button', { name: /New key|Revoke|Save/ }).count()).toBe(0);
    expect(await dashboard.page.getByRole('link', { name: 'Moderation', exact: true }).count()).toBe(0);
    await dashboard.page.context().clearCookies();
    await dashboard.page.reload();
    await heading(/Sign in/).waitFor();
    await expectAccessible(dashboard.page);
  });
});

describe('a tenant', () => {
  it('is made, limited as the server allows, and given a key that is shown once and can be revoked', async () => {
    await open('/tenants');
    const name = dashboard.page.getByLabel('Name', { exact: true });
    await name.fill('default');
    await button('Make the tenant').click();
    await dashboard.page.getByRole('alert').filter({ hasText: 'a tenant of that name exists' }).waitFor();
    await name.fill('films');
    await button('Make the tenant').click();
    await heading('films').waitFor();

    const limit = dashboard.page.getByRole('textbox', { name: 'Requests a minute' });
    await limit.fill('lots');
    await button('Save').click();
    await dashboard.page.getByRole('alert').filter({ hasText: 'must be a whole number from 1' }).waitFor();
    expect(await limit.getAttribute('aria-invalid')).toBe('true');
    await limit.fill('600');
    await button('Save').click();
    await dashboard.page.getByText('The tenant was changed').waitFor();
    expect(await dashboard.platform.admin('GET', '/tenants/films')).toMatchObject({ requests_per_minute: 600, weight: null });

    await button('New key').click();
    await dashboard.page.getByRole('dialog').getByLabel('Name').fill('web');
    await inDialog('Issue the key').click();
    await inDialog('Copy the secret').click();
    await expectAccessible(dashboard.page);
    const secret = String(await dashboard.page.evaluate('navigator.clipboard.readText()'));
    const models = () => dashboard.platform.fetch('/v1/models', { headers: { authorization: `Bearer ${secret}` } });
    expect((await models()).status).toBe(200);
    await inDialog('Done').click();
    await expect.poll(() => dashboard.page.content()).not.toContain(secret);

    await button('Revoke').click();
    await dashboard.page.getByRole('dialog', { name: 'Revoke the key web?' }).waitFor();
    await inDialog('Revoke').click();
    await dashboard.page.getByText('Key web was revoked.').waitFor();
    await dashboard.page.getByText(/^revoked/).waitFor();
    expect((await models()).status).toBe(401);
    expectErrors(refusals);
  });
});

describe('usage', () => {
  it('is drawn and told by day and model, priced, and taken away as CSV', async () => {
    expect((await dashboard.platform.post({ prompt: 'a red apple', size: '128x128', seed: 7 })).status).toBe(200);
    await open('/usage');
    await dashboard.page
      .getByRole('img', { name: /Compute units a day/ })
      .locator('canvas')
      .waitFor();
    await dashboard.page.getByLabel('Also by').selectOption('model');
    const row = dashboard.page.getByRole('table', { name: 'Usage' }).getByRole('row', { name: /pocket/ });
    await row.waitFor();
    await dashboard.page.getByLabel('Price of a million compute units').fill('1000000');
    const [line] = (await dashboard.platform.admin<{ data: { compute_units: number }[] }>('GET', '/usage/summary?group_by=model'))
      .data;
    expect(await row.textContent()).toContain(line?.compute_units.toLocaleString('en'));
    const [download] = await Promise.all([
      dashboard.page.waitForEvent('download'),
      dashboard.page.getByRole('link', { name: 'Download CSV' }).click(),
    ]);
    expect(readFileSync(await download.path(), 'utf8')).toMatch(/^date,model,generations,.*\r\n\d{4}-\d\d-\d\d,pocket/);
  });
});

describe('webhooks', () => {
  it('are stopped and let go again', async () => {
    const body = JSON.stringify({ url: 'http://127.0.0.1:9/hook', description: 'the shop' });
    expect((await dashboard.platform.fetch('/v1/webhooks', { method: 'POST', body })).status).toBe(201);
    await open('/webhooks');
    // What can't be reached says so, and can be tried again.
    await dashboard.page.getByRole('table', { name: 'Webhooks' }).waitFor();
    await dashboard.page.context().setOffline(true);
    await dashboard.page.getByLabel('Tenant').selectOption({ index: 1 });
    await dashboard.page.getByRole('alert').filter({ hasText: 'can’t be reached' }).waitFor();
    await expectAccessible(dashboard.page);
    await dashboard.page.context().setOffline(false);
    await button('Try again').click();
    await dashboard.page.getByRole('table', { name: 'Webhooks' }).waitFor();
    expectErrors('ERR_INTERNET_DISCONNECTED');
    await button('Disable').click();
    await inDialog('Disable').click();
    await dashboard.page.getByText('disabled by an operator').waitFor();
    const { data } = (await (await dashboard.platform.fetch('/v1/webhooks')).json()) as { data: object[] };
    expect(data).toMatchObject([{ enabled: false, disabled_reason: 'disabled by an operator' }]);
    await button('Enable').click();
    await button('Disable').waitFor();
  });

  it('show what is sent to them, and why it was not taken; who may operate sends it again', async () => {
    const generation = await dashboard.platform.fetch('/v1/generations', {
      method: 'POST',
      body: JSON.stringify({ prompt: 'a fig' }),
    });
    const { id } = (await generation.json()) as { id: string };
    // From the generation it is one click away.
    await open(`/generations/${id}`, { viewport: { width: 360, height: 800 } });
    await dashboard.page.getByRole('link', { name: 'http://127.0.0.1:9/hook' }).click();
    await heading('Delivery').waitFor();
    await dashboard.page.getByText('the connection was refused').first().waitFor();
    await button('Send again').click();
    await inDialog('Send again').click();
    await dashboard.page.getByText('It is sent again.').waitFor();
    const refused = dashboard.page.getByRole('table', { name: 'Attempts' }).getByText('the connection was refused');
    await expect.poll(() => refused.count(), { timeout: 15_000 }).toBeGreaterThan(1);
    await expectAccessible(dashboard.page);
    await dashboard.page.getByRole('link', { name: 'The webhook' }).click();
    await dashboard.page.getByRole('table', { name: 'Deliveries' }).getByText('pending').waitFor();
    await expectAccessible(dashboard.page);
    expect(await dashboard.page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await dashboard.page.getByLabel('State').selectOption('succeeded');
    await dashboard.page.getByText('No delivery stands so.').waitFor();
  });
});

describe('what runs', () => {
  it('is seen on the overview as it happens, and a worker is drained and resumed', async () => {
    const row = () =>
      dashboard.page.getByRole('row').filter({ has: dashboard.page.getByRole('link', { name: 'pocket', exact: true }) });
    await open('/overview');
    await row().waitFor();
    await submit(dashboard.platform, { model: 'pocket' });
    await dashboard.page.getByRole('rowheader', { name: /denoise/ }).waitFor();

    await dashboard.page.getByRole('navigation', { name: 'Areas' }).getByRole('link', { name: 'Fleet' }).click();
    await row().getByText('Takes generations').waitFor();
    await row().getByRole('button', { name: 'Drain' }).click();
    await inDialog('Drain').click();
    await row().getByText('Drained', { exact: true }).waitFor();
    // Nobody makes it, until the worker takes generations again; one that it was already asking the queue for, it hands back.
    const id = await submit(dashboard.platform, { model: 'pocket' });
    await until('it waits', async () => (await state(dashboard.platform, id))?.status === 'queued');
    await row().getByRole('button', { name: 'Resume' }).click();
    await row().getByText('Takes generations').waitFor();
    await until('it is made', async () => (await state(dashboard.platform, id))?.status === 'succeeded');
  });

  it('shows models with what they are, and retires one and opens it again', async () => {
    await open('/models');
    const model = dashboard.page.getByRole('region', { name: 'pocket', exact: true });
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
    await dashboard.page.getByText('Takes generations').first().waitFor();
    expect(await button('Drain').count()).toBe(0);
  });
});

describe('operators', () => {
  it('are made by an admin, sign in to where they wanted to, choose a password, and are gone once disabled', async () => {
    await open('/operators');
    await button('New operator').click();
    const dialog = dashboard.page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('two words');
    await inDialog('Make the operator').click();
    await dialog.getByRole('alert').waitFor();
    expectErrors(refusals);
    await dialog.getByLabel('Name').fill('ruth');
    await dialog.getByLabel('Role').selectOption('reviewer');
    await inDialog('Make the operator').click();
    await inDialog('Copy the password').click();
    const password = String(await dashboard.page.evaluate('navigator.clipboard.readText()'));
    await expectAccessible(dashboard.page);
    await inDialog('Done').click();

    const ruth = await dashboard.browser.newPage();
    await ruth.goto(`${dashboard.platform.record.controlPlaneUrl}/moderation?status=all`);
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

    const row = dashboard.page.getByRole('row', { name: /ruth/ });
    await row.getByRole('button', { name: 'Disable' }).click();
    await inDialog('Disable').click();
    await row.getByText('disabled').waitFor();
    await ruth.reload();
    await ruth.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await ruth.context().close();
  });
});
