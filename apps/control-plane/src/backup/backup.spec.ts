import { newGenerationId } from '@darkroom/contracts';
import { type BackupManifest, backupManifest } from '@darkroom/contracts/admin';
import type { RunningService } from '@darkroom/service-kit';
import { startPostgresServer, stateFolder } from '@darkroom/testing';
import { extract } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ADMIN_TOKEN, Client, databases, readiness, startControlPlane } from '../control-plane.fixture.js';

/** Reads the manifest of a back-up. */
async function manifestOf(tar: ArrayBuffer): Promise<BackupManifest> {
  const archive = extract();
  archive.end(new Uint8Array(tar));
  for await (const entry of archive) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (entry.header.name === 'manifest.json') return backupManifest.parse(JSON.parse(Buffer.concat(chunks).toString()));
  }
  throw new Error('there is no manifest');
}

describe.each(databases({ startPostgresServer, stateFolder }))('a back-up of a control plane over %s', (name, prepare) => {
  let dispose: () => Promise<void>;
  let service: RunningService;
  let client: Client;
  beforeAll(async () => {
    const database = await prepare();
    dispose = database.dispose;
    service = await startControlPlane(database.environment);
    client = new Client(service);
    await vi.waitFor(async () => expect(await readiness(service)).toBe(200), { timeout: 60_000, interval: 50 });
  });
  afterAll(async () => {
    client.connection.close();
    await service.stop();
    await dispose();
  });

  const backUp = (token: string) =>
    fetch(`http://127.0.0.1:${service.httpPort}/admin/v1/backup`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });

  if (name === 'PGlite') {
    it('holds what was entered before, while more is entered', async () => {
      const { body: key } = await client.admin('POST', 'keys', { name: 'laptop' });
      const enter = () =>
        client.grpc.recordUsage({
          generationId: newGenerationId(),
          tenantId: key.tenant,
          keyId: key.id,
          model: 'pocket',
          imageCount: 1,
          width: 64,
          height: 64,
          steps: 4,
          guidancePasses: 1,
          kernelMs: 1,
          evaluations: 4,
          outcome: 'succeeded',
        });
      for (let count = 0; count < 3; count++) await enter();
      const more = Array.from({ length: 20 }, enter);
      const response = await backUp(ADMIN_TOKEN);
      await Promise.all(more);
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-tar']);
      const { rows, migration } = await manifestOf(await response.arrayBuffer());
      expect(rows).toMatchObject({ api_keys: 1, audit_head: 1 });
      expect(rows['usage_ledger']).toBeGreaterThanOrEqual(3);
      expect(rows['usage_ledger']).toBeLessThanOrEqual(23);
      expect(migration).toMatch(/^\d{4}_\w+$/);
    });
  } else {
    it("is that server's own to make", async () => {
      const response = await backUp(ADMIN_TOKEN);
      expect(response.status).toBe(409);
      expect(await response.text()).toContain('pg_dump');
    });
  }

  it('is not for everybody', async () => {
    expect((await backUp('somebody-elses-token')).status).toBe(401);
  });
});
