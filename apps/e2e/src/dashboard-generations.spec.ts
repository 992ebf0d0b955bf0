import {
  type AuditEntryBody,
  type IssuedKeyBody,
  type ListBody,
  type ReviewBody,
  requestHeader,
} from '@darkroom/contracts/admin';
import { describe, expect, it } from 'vitest';
import { expectAccessible } from './browser.js';
import { dashboardPages, refusals } from './dashboard.js';
import type { CreatedKey } from './platform.js';
import { until } from './processes.js';

const dashboard = dashboardPages();
const { open, button, heading, inDialog, expectErrors } = dashboard;

describe('generations', () => {
  const ask = async (body: object): Promise<string> => {
    const answer = await dashboard.platform.fetch('/v1/generations', { method: 'POST', body: JSON.stringify(body) });
    const { id } = (await answer.json()) as { id?: string };
    return id ?? expect.fail(`it was answered with ${answer.status}`);
  };
  const rowOf = (id: string) => dashboard.page.getByRole('row').filter({ has: dashboard.page.locator(`code[title="${id}"]`) });

  it('are narrowed to days, which stand in the address', async () => {
    await ask({ prompt: 'a plum', size: '64x64' });
    await open('/generations?to=2020-01-01');
    await dashboard.page.getByText('No generation is like that.').waitFor();
    await dashboard.page.getByLabel('To', { exact: true }).fill('');
    await dashboard.page.getByLabel('From', { exact: true }).fill('2020-01-01');
    await dashboard.page.getByRole('table', { name: 'Generations' }).waitFor();
    expect(new URL(dashboard.page.url()).search).toBe('?from=2020-01-01');
  });

  it('appear without a reload as they are asked for, and one shows its pictures and where its time went', async () => {
    await open('/generations');
    await heading('Generations').waitFor();
    const id = await ask({ prompt: 'a red apple', size: '64x64', seed: 7 });
    await rowOf(id).getByText('succeeded').waitFor();
    await rowOf(id).getByRole('link').first().click();
    await heading('Generation').waitFor();
    for (const stage of ['queue', 'encode', 'denoise', 'decode', 'moderate', 'store']) {
      await dashboard.page.getByRole('row', { name: new RegExp(`^${stage} .*\\d m?s`) }).waitFor();
    }
    // Not even loaded before somebody asks for it.
    expect(await dashboard.page.locator('main img').count()).toBe(0);
    await button('Show image 1').click();
    await dashboard.page.getByRole('img', { name: 'What was made, number 1' }).waitFor();
    await expect.poll(() => dashboard.page.evaluate("document.querySelector('main img').naturalWidth")).toBe(64);
    await button('Read the prompt').click();
    await dashboard.page.getByText('a red apple').waitFor();
    await button('Copy as JSON').click();
    expect(JSON.parse(String(await dashboard.page.evaluate('navigator.clipboard.readText()')))).toMatchObject({
      model: 'pocket',
      seed: 7,
    });
    await expectAccessible(dashboard.page);
  });

  it('that failed are found with their cause, and made anew', async () => {
    const deadline = new Date(Date.now() + 4_000).toISOString();
    dashboard.platform.signal('denoiser-pocket', 'SIGSTOP');
    const id = await ask({ prompt: 'a pear', size: '64x64', steps: 1, deadline }).finally(async () => {
      await until('the deadline has passed', () => Date.now() > Date.parse(deadline));
      dashboard.platform.signal('denoiser-pocket', 'SIGCONT');
    });
    // Three clicks: the overview, the error, the generation.
    await open('/overview');
    await dashboard.page.getByRole('link', { name: /deadline.exceeded/ }).click();
    await rowOf(id).getByRole('link').first().click();
    await dashboard.page.getByText('The deadline that its request named passed before it was done.').waitFor();
    await expectAccessible(dashboard.page);
    await button('Retry').click();
    await inDialog('Retry').click();
    await dashboard.page.getByText('It is made anew').waitFor();
    await dashboard.page.getByText('succeeded', { exact: true }).first().waitFor();
    expect(dashboard.page.url()).not.toContain(id);
  });

  it('are cancelled by who may operate, and by nobody else', async () => {
    const id = await ask({ prompt: 'a plum', size: '512x512', steps: 100, n: 4 });
    await open(`/generations/${id}`, { role: 'viewer' });
    await dashboard.page.getByText('What happened').waitFor();
    expect(await dashboard.page.getByRole('button', { name: /^(Cancel|Retry|Read the prompt|Show image)/ }).count()).toBe(0);
    const refused = (route: string) =>
      dashboard.page.evaluate(async ([path, headers]) => (await fetch(path, { method: 'POST', headers })).status, [
        `/admin/v1/generations/${id}/${route}`,
        { [requestHeader.name]: requestHeader.value },
      ] as const);
    expect([await refused('cancel'), await refused('prompt')]).toEqual([403, 403]);
    expectErrors(refusals);
    await dashboard.page.context().close();
    await open(`/generations/${id}`, { role: 'operator' });
    await button('Cancel').click();
    await inDialog('Cancel').click();
    await dashboard.page.getByText('It was cancelled: by its client').waitFor();
    const entries = (await dashboard.platform.admin<ListBody<AuditEntryBody>>('GET', '/audit?kind=operator')).data;
    const of = (action: string) => entries.filter(({ operator }) => operator?.action === action && operator.subject === id);
    expect(of('generation.cancel').map(({ operator }) => operator?.outcome)).toEqual(['done', 'refused']);
    expect(of('generation.read_prompt').map(({ operator }) => operator?.outcome)).toEqual(['refused']);
  });
});

describe('moderation', () => {
  it('is given a policy, whose verdicts a person reviews; the audit log tells all of it', async () => {
    const tenant = await dashboard.platform.admin<{ id: string }>('POST', '/tenants', { name: 'news' });
    const key = await dashboard.platform.admin<IssuedKeyBody & CreatedKey>('POST', '/keys', { name: 'desk', tenant: 'news' });
    const ask = () =>
      dashboard.platform.post(
        { prompt: 'gore and severed heads', size: '128x128', seed: 7 },
        { authorization: `Bearer ${key.secret}` },
      );
    expect((await ask()).status).toBe(400);

    await open(`/moderation/policies/${tenant.id}`);
    await button(/Change violence at prompt/).click();
    const dialog = dashboard.page.getByRole('dialog', { name: 'violence at prompt' });
    await dialog.getByLabel('Looser for requests').uncheck();
    await dialog.getByLabel('block from severity').selectOption('');
    await dialog.getByLabel('blur from severity').selectOption('1');
    await expectAccessible(dashboard.page);
    await inDialog('Done').click();
    await dashboard.page.getByLabel('Name of the new version').fill('news 1');
    await button('Enter the version').click();
    // What was refused before would have been blurred.
    await dashboard.page.getByText('1 of 1 decisions would have come out otherwise').waitFor();
    await dashboard.page
      .getByRole('row', { name: /news 1/ })
      .getByRole('button', { name: 'Activate' })
      .click();
    await inDialog('Activate').click();
    await dashboard.page
      .getByRole('row', { name: /news 1/ })
      .getByText('active')
      .waitFor();
    await expectAccessible(dashboard.page);

    const delivered = await ask();
    expect([delivered.status, delivered.ok || (await delivered.text())]).toEqual([200, true]);
    await until('the decision waits for a reviewer', async () => {
      const { data } = await dashboard.platform.admin<ListBody<ReviewBody>>('GET', '/reviews?tenant=news');
      return data.length > 0;
    });
    await dashboard.page.goto(`${dashboard.platform.record.controlPlaneUrl}/moderation`);
    await dashboard.page.getByRole('link', { name: 'prompt: violence' }).waitFor();
    await expectAccessible(dashboard.page);
    await dashboard.page.keyboard.press('n');
    await heading('Review').waitFor();
    // Not even loaded before somebody asks for it.
    await button('Show the picture').waitFor();
    expect(await dashboard.page.locator('main img').count()).toBe(0);
    await button('Show the picture').click();
    await dashboard.page.getByRole('img', { name: 'What was judged' }).waitFor();
    await dashboard.page.getByRole('textbox', { name: 'Note' }).fill('A painting of a battle.');
    await button('Leave the note').click();
    await dashboard.page.getByText('A painting of a battle.').waitFor();
    await expectAccessible(dashboard.page);
    await dashboard.page.keyboard.press('a');
    await dashboard.page.getByRole('dialog', { name: 'Approve' }).getByLabel('Reason').fill('It is a painting.');
    await inDialog('Approve').click();
    await dashboard.page.getByText('Nothing waits for a person.').waitFor();
    const [review] = (await dashboard.platform.admin<ListBody<ReviewBody>>('GET', '/reviews?status=all&tenant=news')).data;
    expect(review).toMatchObject({
      status: 'approved',
      reason: 'It is a painting.',
      resolved_by: expect.stringMatching(/^admin-/),
    });

    await dashboard.page.keyboard.press('/');
    await dashboard.page.keyboard.type(review?.decision_id ?? '');
    await dashboard.page.keyboard.press('Enter');
    await heading('Audit entry').waitFor();
    await dashboard.page.getByRole('cell', { name: 'violence' }).first().waitFor();
    await expectAccessible(dashboard.page);
    await dashboard.page.getByRole('navigation', { name: 'Areas' }).getByRole('link', { name: 'Audit log' }).click();
    for (const act of ['reveal', 'note', 'approve']) await dashboard.page.getByText(new RegExp(`^${act} by admin-`)).waitFor();
    await button('Verify the log').click();
    await dashboard.page.getByText(/All [\d,]+ entries are as they were written/).waitFor();
    await button(/^Copy anchor/).click();
    await dashboard.page
      .getByLabel('Anchor kept elsewhere')
      .fill(String(await dashboard.page.evaluate('navigator.clipboard.readText()')));
    await button('Verify the log').click();
    await dashboard.page.getByText(/All [\d,]+ entries are as they were written/).waitFor();

    await dashboard.page.goto(`${dashboard.platform.record.controlPlaneUrl}/moderation/policies/${tenant.id}`);
    await button('Roll back').click();
    await inDialog('Roll back').click();
    await dashboard.page
      .getByRole('row', { name: /the default/ })
      .getByText('active')
      .waitFor();
    expect((await ask()).status).toBe(400);
  });
});
