import { z } from 'zod';

/** A newer revision of a model, and the part of the model's requests that it gets. */
export interface Canary {
  readonly model: string;
  readonly revision: string;
  /** From 0 to 100. */
  readonly percent: number;
}

const pattern = /^([^=:,\s]+)=([^=:,\s]+):(\d{1,3}(?:\.\d+)?)$/;
const message = 'expected MODEL=REVISION:PERCENT, separated by commas, for instance pocket=pocket-2026-06:10';

/** Checks the list of canaries: `MODEL=REVISION:PERCENT`, separated by commas; none when unset. */
export const canariesSchema = z
  .string()
  .default('')
  .transform((text, context): readonly Canary[] => {
    const parts = text.split(',').filter((part) => part.trim() !== '');
    const canaries = parts.map((part) => {
      const [, model = '', revision = '', percent = 'none'] = pattern.exec(part.trim()) ?? [];
      return { model, revision, percent: Number(percent) };
    });
    if (canaries.some(({ percent }) => !(percent <= 100))) context.addIssue({ code: 'custom', message });
    const models = canaries.map(({ model }) => model);
    if (new Set(models).size < models.length) context.addIssue({ code: 'custom', message: 'a model has two canaries' });
    // A request takes one turn: who is a canary has none.
    const chained = canaries.find(({ revision }) => models.includes(revision));
    if (chained !== undefined) context.addIssue({ code: 'custom', message: `${chained.revision} is a canary and has one` });
    return canaries;
  });
