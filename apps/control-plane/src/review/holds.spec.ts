import { describe, expect, it } from 'vitest';
import { type LoggedDecision, mayBeShown } from './holds.js';

const decision = (id: string, stage: string, action: string, image = 0): LoggedDecision => ({
  id,
  decision: { stage, action, image },
});
const may = (decisions: LoggedDecision[], approved: string[] = [], image = 0) => mayBeShown(decisions, new Set(approved), image);

describe('an image may be shown', () => {
  it('when nothing holds it, but not before the log knows of it', () => {
    expect(may([decision('o', 'output_image', 'allow'), decision('p', 'prompt', 'warn')])).toBe(true);
    expect(may([decision('p', 'prompt', 'allow')])).toBe(false);
    expect(may([decision('o', 'output_image', 'allow', 1), decision('p', 'prompt', 'allow')])).toBe(false);
  });

  it('when all that holds it was approved of, whichever it is', () => {
    const decisions = [
      decision('o', 'output_image', 'blur'),
      decision('i', 'input_image', 'blur'),
      decision('n', 'negative_prompt', 'blur'),
      decision('p', 'prompt', 'blur'),
    ];
    const all = decisions.map(({ id }) => id);
    expect(may(decisions, all)).toBe(true);
    for (const missing of all)
      expect(
        may(
          decisions,
          all.filter((id) => id !== missing),
        ),
        missing,
      ).toBe(false);
  });

  it('when other images, and pictures of it that developed, are held', () => {
    const decisions = [
      decision('1', 'output_image', 'blur', 1),
      decision('0', 'output_image', 'blur', 0),
      decision('d', 'partial_image', 'blur', 0),
    ];
    expect(may(decisions, ['0'], 0)).toBe(true);
    expect(may(decisions, ['0'], 1)).toBe(false);
  });

  it('by the last of several decisions on the same', () => {
    const decisions = [decision('new', 'output_image', 'blur'), decision('old', 'output_image', 'blur')];
    expect(may(decisions, ['new'])).toBe(true);
    expect(may(decisions, ['old'])).toBe(false);
  });
});
