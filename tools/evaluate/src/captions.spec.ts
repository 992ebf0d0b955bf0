import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { firstOfEachKind, kinds } from './captions.js';
import { readHeldOutCaptions, readScenes } from './evaluate.js';
import { judgeFolder } from './judge.js';

describe('the held-out captions', () => {
  it('are some of each kind, all different', async () => {
    const captions = await readHeldOutCaptions();
    for (const kind of kinds) expect(captions.filter((caption) => caption.kind === kind).length).toBeGreaterThanOrEqual(80);
    expect(new Set(captions.map(({ caption }) => caption)).size).toBe(captions.length);
    expect(firstOfEachKind(captions, 3)).toHaveLength(15);
  });

  it('ask, like the scenes, only for what the judge knows', async () => {
    const config = JSON.parse(await readFile(new URL('config.json', judgeFolder), 'utf8'));
    const { first, first_colour: colours, layout: layouts } = config.outputs as Record<string, readonly string[]>;
    for (const { facts } of [...(await readHeldOutCaptions()), ...(await readScenes())]) {
      expect(layouts).toContain(facts.layout);
      for (const subject of [facts.first, facts.second]) if (subject !== null) expect(first).toContain(subject);
      for (const colour of [facts.firstColour, facts.secondColour, facts.background])
        if (colour !== null) expect(colours).toContain(colour);
    }
  });

  it('hold as many of each number in any first four', async () => {
    const counts = (await readHeldOutCaptions()).filter(({ kind }) => kind === 'count');
    expect(counts.slice(0, 4).map(({ facts }) => facts.layout)).toEqual(['count2', 'count3', 'count4', 'count5']);
  });
});
