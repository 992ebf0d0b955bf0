import type { GenerationBody, ReceiptBody } from '@darkroom/contracts/http';
import { beforeEach, describe, expect, it } from 'vitest';
import type { UsageLine } from '../ledger.js';
import { audit } from './audit.js';
import type { Observation, ReadGeneration } from './observation.js';
import { Testimony } from './testimony.js';

const parameters = { model: 'pocket', prompt: 'a red apple', seed: 1, size: '64x96', steps: 2, n: 1 };
const bytes = Buffer.from('an image');
const otherDigest = 'f'.repeat(64);

/** A world in which gen_1 was told of, succeeded, and is as it was told. */
let testimony: Testimony;
let body: GenerationBody;
let read: ReadGeneration;
let line: UsageLine;
let observed: Observation;

beforeEach(() => {
  testimony = new Testimony();
  testimony.tell('gen_1', parameters, 'key');
  testimony.tellImage('gen_1', 0, bytes);
  const usage = { compute_units: 500 } as GenerationBody['usage'];
  const receipt = { width: 64, height: 96 } as ReceiptBody;
  body = { id: 'gen_1', status: 'succeeded', data: [{ url: '/1' }], receipt, usage, error: null } as unknown as GenerationBody;
  testimony.tellState(body);
  read = { body, images: [{ status: 200, size: '64x96', sha256: testimony.generations.get('gen_1')?.images.get(0) ?? '' }] };
  line = { generation_id: 'gen_1', outcome: 'succeeded', images: 1, evaluations: 4, compute_units: 500 };
  observed = {
    generations: new Map([['gen_1', read]]),
    listed: new Set(['gen_1']),
    ledger: [line],
    running: 0,
    used: 500,
  };
});

const faults = (differing: Partial<Observation> = {}) =>
  audit(testimony, { ...observed, ...differing }).map(({ fault, subject }) => [fault, subject]);
const seenAs = (differing: Partial<ReadGeneration>) => ({ generations: new Map([['gen_1', { ...read, ...differing }]]) });

describe('the audit', () => {
  it('finds nothing wrong where all is as it was told', () => {
    expect(faults()).toEqual([]);
  });

  it('finds what can not be read, or is not listed', () => {
    const fault = 'told of, but not to be read or listed';
    expect(faults(seenAs({ body: undefined, images: [] }))).toEqual([[fault, 'gen_1']]);
    expect(faults({ listed: new Set() })).toEqual([[fault, 'gen_1']]);
  });

  it('finds what has no end, or two', () => {
    const fault = 'in no final state, or in more than one';
    const running = { ...body, status: 'running', data: null } as GenerationBody;
    expect(faults({ ...seenAs({ body: running, images: [] }), ledger: [], used: 0 })).toEqual([[fault, 'gen_1']]);
    testimony.generations.get('gen_1')?.ends.add('cancelled');
    expect(faults()).toEqual([[fault, 'gen_1']]);
  });

  it.each([
    ['other bytes than delivered', [{ status: 200, size: '64x96', sha256: otherDigest }]],
    ['another size', (images: ReadGeneration['images']) => images.map((image) => ({ ...image, size: '64x64' }))],
    ['a missing file', (images: ReadGeneration['images']) => images.map((image) => ({ ...image, status: 404 }))],
    ['another number', []],
  ])('finds images of %s', (_, images) => {
    const found = faults(seenAs({ images: typeof images === 'function' ? images(read.images) : images }));
    expect(new Set(found.map(([fault]) => fault))).toEqual(new Set(['images not as told']));
  });

  it('finds an image that is unlike another of the same request', () => {
    testimony.tell('gen_2', parameters, undefined);
    const other = { body: { ...body, id: 'gen_2' }, images: [{ status: 200, size: '64x96', sha256: otherDigest }] };
    const generations = new Map([
      ['gen_1', read],
      ['gen_2', other],
    ]);
    const ledger = [line, { ...line, generation_id: 'gen_2' }];
    const listed = new Set(['gen_1', 'gen_2']);
    expect(faults({ generations, ledger, listed, used: 1_000 })).toEqual([['images not as told', 'gen_2']]);
  });

  it.each([
    ['nothing', () => [], 0],
    ['twice', (own: UsageLine) => [own, own], 1_000],
    ['another price', (own: UsageLine) => [{ ...own, compute_units: 499 }], 499],
    ['more images', (own: UsageLine) => [{ ...own, images: 2 }], 500],
    ['another end', (own: UsageLine) => [{ ...own, outcome: 'cancelled' }], 500],
  ])('finds what was charged for %s', (_, ledgerOf, used) => {
    expect(faults({ ledger: ledgerOf(line), used })).toEqual([['charged wrongly', 'gen_1']]);
  });

  it('finds a key with two generations', () => {
    testimony.tell('gen_1b', parameters, 'key');
    expect(testimony.violations).toMatchObject([{ fault: 'keys with more than one generation', subject: 'key' }]);
  });

  it('finds what nobody asked for, unless an attempt was not answered', () => {
    const stranger = { body: { ...body, id: 'gen_3' }, images: read.images };
    const more = {
      generations: new Map([
        ['gen_1', read],
        ['gen_3', stranger],
      ]),
      listed: new Set(['gen_1', 'gen_3']),
      ledger: [line, { ...line, generation_id: 'gen_3' }],
      used: 1_000,
    };
    expect(faults(more)).toEqual([['that nobody asked for', 'gen_3']]);
    testimony.unanswered = 1;
    expect(faults(more)).toEqual([]);
  });

  it('finds what is still counted against limits', () => {
    const fault = 'still counted against limits';
    expect(faults({ running: 1 })).toEqual([[fault, 'concurrent_generations']]);
    expect(faults({ used: 900 })).toEqual([[fault, 'compute_units_per_month']]);
  });
});
