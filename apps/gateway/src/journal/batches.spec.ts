import { expect, it } from 'vitest';
import { Batches } from './batches.js';

it('what comes while a batch is under way goes together, at most so many, and alone what comes when none is', async () => {
  const sent: number[][] = [];
  let gate = Promise.withResolvers<void>();
  const batches = new Batches<number, string>(async (items) => {
    sent.push(items);
    await gate.promise;
    return items.join();
  }, 3);
  const answers = [1, 2, 3, 4, 5].map((item) => batches.add(item));
  expect(sent).toEqual([[1]]);
  gate.resolve();
  expect(await Promise.all(answers)).toEqual(['1', '2,3,4', '2,3,4', '2,3,4', '5']);
  gate = Promise.withResolvers();
  const alone = batches.add(6);
  expect(sent.at(-1)).toEqual([6]);
  gate.resolve();
  expect(await alone).toBe('6');
});

it('a batch that fails, fails for its own items alone', async () => {
  const batches = new Batches<number, number>(async (items) => {
    if (items.includes(2)) throw new Error('refused');
    return items.length;
  }, 2);
  const answers = [1, 2, 3, 4].map((item) => batches.add(item));
  const outcomes = await Promise.allSettled(answers);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
});
