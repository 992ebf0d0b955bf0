/** Questions about pictures over HTTP; what is found of a picture is what the spec sets, the real finding is in apps/e2e. */
import { ManifestState, VerifyResponse } from '@darkroom/contracts';
import { provenanceReportBody } from '@darkroom/contracts/http';
import * as testing from '@darkroom/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { errorOf, seen, url, useGateway, vaeDecoder } from '../gateway.fixture.js';

useGateway(testing);

const receipt = {
  model: 'pocket',
  model_digest: 'sha256:ab',
  scheduler: 'euler',
  shift: 3,
  steps: 20,
  guidance_scale: 4,
  seed: 7,
  width: 256,
  height: 256,
  versions: { node: '24' },
};
const mark = { detected: true, score: 21.5, threshold: 5.3, falsePositiveRate: 8e-7, payload: 0xbeef };
const picture = Buffer.from('a picture');

const send = (form: FormData, key = 'dk_alice') =>
  fetch(`${url}/v1/provenance/verify`, { method: 'POST', headers: { authorization: `Bearer ${key}` }, body: form });
function formOf(parts: Record<string, string | Buffer>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(parts)) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, new Blob([new Uint8Array(value)]), 'picture.png');
  }
  return form;
}
const verify = async (found: Parameters<typeof VerifyResponse.fromPartial>[0]) => {
  seen.found = VerifyResponse.fromPartial(found);
  const response = await send(formOf({ image: picture }));
  expect(response.status).toBe(200);
  return provenanceReportBody.parse(await response.json());
};

beforeEach(() => {
  seen.found = undefined;
});

describe('POST /v1/provenance/verify', () => {
  it('says of a picture of ours all that is known', async () => {
    const report = await verify({
      manifest: ManifestState.MANIFEST_STATE_VALID,
      issuer: 'Example Studio',
      mark,
      receiptJson: JSON.stringify(receipt),
      markFitsReceipt: true,
    });
    expect(report).toEqual({
      object: 'provenance_report',
      verdict: 'This picture was made here: its signature is ours, and the file has not changed since.',
      is_ours: true,
      signed: 'valid',
      issuer: 'Example Studio',
      problems: [],
      watermark: { detected: true, score: 21.5, threshold: 5.3, false_positive_rate: 8e-7, payload: '0000beef' },
      receipt,
      receipt_source: 'manifest',
      receipt_matches: true,
    });
    expect(seen.asked.at(-1)).toEqual(picture);
  });

  it.each([
    ['untrusted', ManifestState.MANIFEST_STATE_UNTRUSTED, false, true, 'development'],
    ['invalid', ManifestState.MANIFEST_STATE_INVALID, true, true, 'changed after it was signed'],
    ['invalid', ManifestState.MANIFEST_STATE_INVALID, false, false, 'can not be told to be ours'],
    ['other_issuer', ManifestState.MANIFEST_STATE_OTHER_ISSUER, true, true, 'somebody else has signed it'],
    ['other_issuer', ManifestState.MANIFEST_STATE_OTHER_ISSUER, false, false, 'not known to be ours'],
    ['none', ManifestState.MANIFEST_STATE_NONE, true, true, 'saved anew'],
    ['none', ManifestState.MANIFEST_STATE_NONE, false, false, 'does not prove'],
    ['invalid', ManifestState.MANIFEST_STATE_UNSPECIFIED, false, false, 'can not be told to be ours'],
  ] as const)('says of a picture whose manifest is %s (%i), mark %s, whether it is ours: %s', async (...row) => {
    const [signed, manifest, detected, isOurs, words] = row;
    const report = await verify({ manifest, mark: { ...mark, detected } });
    expect(report).toMatchObject({ signed, is_ours: isOurs, verdict: expect.stringContaining(words) });
    expect(report.receipt).toBeUndefined();
  });

  it('tells a receipt that belongs to another picture, and drops one that is none', async () => {
    const found = { manifest: ManifestState.MANIFEST_STATE_NONE, mark };
    const strange = await verify({ ...found, receiptJson: JSON.stringify(receipt), markFitsReceipt: false });
    expect(strange).toMatchObject({ receipt, receipt_source: 'text', receipt_matches: false });
    expect(strange.verdict).toContain('Its receipt does not belong to these pixels.');
    const forged = await verify({
      ...found,
      receiptJson: JSON.stringify({ ...receipt, seed: '<script>' }),
      markFitsReceipt: false,
    });
    expect(forged).not.toHaveProperty('receipt');
    expect(forged.verdict).not.toContain('receipt');
  });

  it.each([
    ['no picture', { note: 'x' }, 'image'],
    ['a text for a picture', { image: 'x' }, 'image'],
    ['a parameter', { image: picture, prompt: 'x' }, 'prompt'],
    ['a mask', { image: picture, mask: picture }, 'mask'],
  ])('refuses %s', async (_, parts, param) => {
    const response = await send(formOf(parts as Record<string, string | Buffer>));
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_argument', param });
  });

  it('refuses what is no form, strangers, and what the decoder can not read', async () => {
    const headers = { authorization: 'Bearer dk_alice', 'content-type': 'application/json' };
    const json = await fetch(`${url}/v1/provenance/verify`, { method: 'POST', headers, body: '{}' });
    expect([json.status, (await errorOf(json)).message]).toEqual([400, expect.stringContaining('multipart/form-data')]);
    expect((await send(formOf({ image: picture }), 'dk_nobody')).status).toBe(401);
    const unread = await send(formOf({ image: picture }));
    expect(unread.status).toBe(400);
    expect(await errorOf(unread)).toMatchObject({ param: 'image', message: 'image must be a PNG, JPEG or WebP file' });
  });

  it('is 503 while nobody can look at pictures', async () => {
    vaeDecoder.stop();
    const response = await send(formOf({ image: picture }));
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBeTruthy();
    await vaeDecoder.start();
  });
});
