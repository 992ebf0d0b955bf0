import { GenerationJob, generationIdsOf, JournalServiceService, newGenerationId } from '@darkroom/contracts';
import { type GrpcClient, GrpcConnection, type RunningService, serve, startService } from '@darkroom/service-kit';
import { startPostgresServer, stateFolder } from '@darkroom/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppModule } from '../app.module.js';
import { Config } from '../config.js';
import { ADMIN_TOKEN, databases, type PreparedDatabase, readiness } from '../control-plane.fixture.js';
import { KeyService } from '../keys/key.service.js';
import { UsageRepository } from '../usage/usage.repository.js';
import { type GenerationChange, GenerationChanges } from './generation-changes.js';
import { GenerationJournal } from './generation-journal.js';
import { JournalHandlers } from './journal.handlers.js';
import { JournalRetention } from './journal-retention.js';
import type { Standing } from './standing.js';

describe.each(databases({ startPostgresServer, stateFolder }))('the journal in %s', (_name, prepare) => {
  let database: PreparedDatabase;
  let service: RunningService;
  let connection: GrpcConnection;
  let grpc: GrpcClient<typeof JournalServiceService>;
  let journal: GenerationJournal;
  const heard: GenerationChange[] = [];

  beforeAll(async () => {
    database = await prepare();
    service = await startService({
      config: Config,
      module: AppModule,
      services: (resolve) => [serve(JournalServiceService, resolve(JournalHandlers))],
      environment: { LOG_LEVEL: 'silent', ADMIN_TOKEN, ...database.environment },
    });
    await vi.waitFor(async () => expect(await readiness(service)).toBe(200), { timeout: 60_000, interval: 50 });
    connection = new GrpcConnection({ address: `127.0.0.1:${service.grpcPort}`, name: 'control-plane', timeoutMs: 10_000 });
    grpc = connection.client(JournalServiceService);
    journal = service.app.get(GenerationJournal);
    service.app.get(GenerationChanges).on((changes) => heard.push(...changes));
  });
  beforeEach(() => {
    heard.length = 0;
  });
  afterAll(async () => {
    connection.close();
    await service.stop();
    await database.dispose();
  });

  const accepted = (differing: Partial<GenerationJob> = {}, key = '') => {
    const job = GenerationJob.fromPartial({
      ...{
        id: newGenerationId(),
        tenantId: 'ten_a',
        keyId: 'key_a',
        model: 'pocket',
        prompt: 'a fox',
        createdAtMs: 1_700_000_000_000,
      },
      ...{ width: 256, height: 128, steps: 20, imageCount: 2, expectedSeconds: 1.5, ...differing },
    });
    const bytes = Buffer.from(GenerationJob.encode(job).finish());
    return { id: job.id, entry: { job: bytes, idempotencyKey: key, requestDigest: key && 'digest' } };
  };
  /** Makes the id that a generation would have that was made then. */
  const madeAt = (atMs: number) => {
    const length = 'gen_00000000-0000'.length;
    return generationIdsOf(atMs, atMs)[0].slice(0, length) + newGenerationId().slice(length);
  };
  const standing = (id: string, differing: Partial<Standing>): Standing => ({
    ...{ id, status: 'running', errorCode: null, errorMessage: null, startedAt: new Date(1_000), endedAt: null },
    ...{ attempts: 1, worker: 'w1', ...differing },
  });
  const statusOf = async (id: string) => (await grpc.findGeneration({ id })).entry?.status;

  it('has a generation from its acceptance to its end, and its job only until then', async () => {
    const { id, entry } = accepted({}, 'key');
    await grpc.accept({ generations: [entry] });
    await grpc.accept({ generations: [entry, entry] });
    expect(await journal.find(id)).toMatchObject({
      ...{ tenantId: 'ten_a', keyId: 'key_a', model: 'pocket', kind: 'generation', status: 'accepted', attempts: 0 },
      ...{ width: 256, height: 128, steps: 20, imageCount: 2, expectedSeconds: 1.5, createdAt: new Date(1_700_000_000_000) },
    });
    expect((await grpc.getUnfinished({ ids: [id] })).generations).toEqual([
      { accepted: entry, cancelRequested: false, weight: 0 },
    ]);

    await journal.advance([standing(id, {})]);
    await journal.advance([standing(id, { attempts: 2, worker: 'w2' })]);
    await journal.advance([standing(id, {})]);
    expect(await journal.find(id)).toMatchObject({ status: 'running', attempts: 2, worker: 'w2', startedAt: new Date(1_000) });
    const end = {
      status: 'failed',
      errorCode: 'content_policy_violation',
      errorMessage: 'refused',
      endedAt: new Date(2_000),
    } as const;
    await journal.advance([standing(id, { ...end, attempts: 2 })]);
    await journal.advance([standing(id, { attempts: 3 }), standing(newGenerationId(), {})]);
    await journal.advance([standing(id, { status: 'succeeded', endedAt: new Date(3_000) })]);
    await grpc.withdraw({ ids: [id] });
    await grpc.noteCancellations({ ids: [id] });
    await grpc.accept({ generations: [entry] });
    expect(await journal.find(id)).toMatchObject({ ...end, attempts: 2, job: null, cancelRequestedAt: null });
    expect((await grpc.getUnfinished({ ids: [id] })).generations).toEqual([]);
    expect(heard.map(({ status }) => status)).toEqual(['accepted', 'running', 'running', 'failed']);
    expect(heard.at(-1)).toMatchObject({ id, tenantId: 'ten_a', model: 'pocket', errorCode: 'content_policy_violation' });
  });

  it('lists what has not ended, the earliest first, a page at a time', async () => {
    const all = Array.from({ length: 5 }, (_, i) => accepted({ model: `listed-${i}` }));
    await grpc.accept({ generations: all.map(({ entry }) => entry) });
    await journal.advance([standing(all[1]?.id as string, {}), standing(all[2]?.id as string, { status: 'succeeded' })]);
    await grpc.withdraw({ ids: [all[3]?.id as string, all[1]?.id as string] });
    const { generations: first } = await grpc.listUnfinished({ afterId: '', limit: 2 });
    const { generations: second } = await grpc.listUnfinished({ afterId: first.at(-1)?.id ?? '', limit: 2 });
    expect([...first, ...second].map(({ model }) => model)).toEqual(['listed-0', 'listed-1', 'listed-4']);
    await grpc.withdraw({ ids: [all[0]?.id as string, all[4]?.id as string] });
    await journal.advance([standing(all[1]?.id as string, { status: 'cancelled' })]);
  });

  it("lists a tenant's generations, the newest first, since a moment and without what was withdrawn", async () => {
    const own = { tenantId: 'ten_own', createdAtMs: 2_000 };
    const old = accepted({ ...own, createdAtMs: 1_000 });
    const all = Array.from({ length: 4 }, () => accepted(own));
    await grpc.accept({ generations: [old, ...all, accepted()].map(({ entry }) => entry) });
    await grpc.withdraw({ ids: [all[2]?.id as string] });
    await journal.advance([standing(all[1]?.id as string, { status: 'succeeded' })]);
    const page = (beforeId: string) => grpc.listGenerations({ tenantId: 'ten_own', sinceMs: 1_500, beforeId, limit: 2 });
    const { ids: first } = await page('');
    const { ids: second } = await page(first.at(-1) ?? '');
    expect([...first, ...second]).toEqual([all[3]?.id, all[1]?.id, all[0]?.id]);
  });

  it('keeps one that was withdrawn from being put back, until it is accepted again or was begun after all', async () => {
    const [again, begun] = [accepted(), accepted()];
    await grpc.accept({ generations: [again.entry, begun.entry] });
    await grpc.withdraw({ ids: [again.id, begun.id] });
    expect((await grpc.getUnfinished({ ids: [again.id, begun.id] })).generations).toEqual([]);
    expect(await statusOf(again.id)).toBe('withdrawn');
    await grpc.accept({ generations: [again.entry] });
    await journal.advance([standing(begun.id, { status: 'succeeded' })]);
    expect([await statusOf(again.id), await statusOf(begun.id)]).toEqual(['accepted', 'succeeded']);
    expect((await grpc.getUnfinished({ ids: [again.id, begun.id] })).generations).toHaveLength(1);
  });

  it('enters one generation for each Idempotency-Key of a tenant', async () => {
    const createdAtMs = Date.now();
    const first = accepted({ createdAtMs }, 'same key');
    const old = accepted({ createdAtMs: createdAtMs - 25 * 60 * 60 * 1000 }, 'old key');
    expect(await grpc.accept({ generations: [first.entry, old.entry] })).toEqual({ earlier: [] });
    const second = accepted({ createdAtMs }, 'same key');
    const others = [accepted({ createdAtMs }, 'old key'), accepted({ createdAtMs, tenantId: 'ten_b' }, 'same key')];
    const { earlier } = await grpc.accept({ generations: [second.entry, first.entry, ...others.map(({ entry }) => entry)] });
    expect(earlier).toEqual([{ id: second.id, earlierId: first.id, requestDigest: 'digest' }]);
    await expect(grpc.findGeneration({ id: second.id })).rejects.toMatchObject({ code: 'not_found' });
    expect(await Promise.all(others.map(({ id }) => statusOf(id)))).toEqual(['accepted', 'accepted']);
  });

  it('remembers that a generation is wanted no more', async () => {
    const { id, entry } = accepted();
    await grpc.accept({ generations: [entry] });
    await grpc.noteCancellations({ ids: [id] });
    expect((await grpc.getUnfinished({ ids: [id] })).generations).toMatchObject([{ cancelRequested: true }]);
  });

  it('enters all or none, and refuses what is no job', async () => {
    const { id, entry } = accepted();
    for (const job of [Buffer.from([0xff]), Buffer.alloc(0), accepted({ tenantId: '' }).entry.job]) {
      await expect(grpc.accept({ generations: [entry, { ...entry, job }] })).rejects.toMatchObject({ code: 'invalid_argument' });
    }
    await expect(grpc.findGeneration({ id })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('lists the newest first, by tenant, model and status', async () => {
    const all = Array.from({ length: 3 }, () => accepted({ tenantId: 'ten_l', model: 'listing' }));
    await grpc.accept({ generations: [...all, accepted({ tenantId: 'ten_m', model: 'listing' })].map(({ entry }) => entry) });
    const ids = all.map(({ id }) => id).reverse();
    const rows = await journal.list({ tenantId: 'ten_l', limit: 2 });
    expect(rows.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const rest = await journal.list({ tenantId: 'ten_l', model: 'listing', status: 'accepted', before: ids[1], limit: 2 });
    expect(rest.map(({ id }) => id)).toEqual(ids.slice(2));
    expect(await journal.list({ tenantId: 'ten_l', status: 'failed', limit: 2 })).toEqual([]);
  });

  it('finds generations by when they were made, and by how their ids begin', async () => {
    const days = [1, 2, 3].map((day) => Date.UTC(2025, 0, day));
    const all = days.map((atMs) => accepted({ id: madeAt(atMs), tenantId: 'ten_d', createdAtMs: atMs }));
    await grpc.accept({ generations: all.map(({ entry }) => entry) });
    const [first, second, third] = all.map(({ id }) => id) as [string, string, string];
    const found = async (filter: object) => (await journal.list({ tenantId: 'ten_d', ...filter, limit: 10 })).map(({ id }) => id);
    const day = (index: number) => new Date(days[index] as number);
    expect(await found({ from: day(1) })).toEqual([third, second]);
    expect(await found({ to: day(1) })).toEqual([first]);
    expect(await found({ from: day(1), to: day(2) })).toEqual([second]);
    for (const length of [13, 14, 30]) expect(await found({ idPrefix: second.slice(0, length) })).toEqual([second]);
    expect(await found({ idPrefix: 'gen_' })).toEqual([third, second, first]);
    expect(await found({ idPrefix: `${second.slice(0, 11)}-` })).toEqual([]);
  });

  it('forgets what ended long ago, but nothing that has not ended or is not charged', async () => {
    const { key } = await service.app.get(KeyService).issue({ name: 'old', tenantIdOrName: undefined });
    const longAgo = Date.now() - 401 * 24 * 60 * 60 * 1000;
    const old = { tenantId: key.tenantId, keyId: key.id, createdAtMs: longAgo };
    const [charged, uncharged, failed, running, lasting] = Array.from({ length: 5 }, () =>
      accepted({ ...old, id: madeAt(longAgo) }),
    );
    const recent = accepted({ ...old, createdAtMs: Date.now() });
    const all = [charged, uncharged, failed, running, lasting, recent].map((one) => one as typeof recent);
    await grpc.accept({ generations: all.map(({ entry }) => entry) });
    const endedAt = new Date(longAgo);
    await journal.advance([
      ...[charged, uncharged, recent].map((one) => standing(one?.id ?? '', { status: 'succeeded', endedAt })),
      standing(failed?.id ?? '', { status: 'failed', errorCode: 'worker_lost', endedAt }),
      standing(running?.id ?? '', {}),
      standing(lasting?.id ?? '', { status: 'failed', errorCode: 'worker_lost', endedAt: new Date() }),
    ]);
    const work = { width: 256, height: 128, steps: 20, guidancePasses: 1, imageCount: 2, kernelMs: 1, evaluations: 40 };
    const usage = { generationId: charged?.id ?? '', tenantId: key.tenantId, keyId: key.id, model: 'pocket' };
    await service.app.get(UsageRepository).record({ ...usage, ...work, outcome: 'succeeded' });
    const retention = service.app.get(JournalRetention);
    expect([await retention.clear(), await retention.clear()]).toEqual([2, 0]);
    const rows = await Promise.all(all.map(({ id }) => journal.find(id)));
    expect(rows.map((row) => row !== undefined)).toEqual([false, true, false, true, true, true]);
  });
});
