import { type Quality, ranges, type ServedModel } from './parameters.js';

/** What a reply may call the quality: `auto` where the client chose the number of steps itself. */
export const repliedQualities = ['auto', 'low', 'medium', 'high'] as const;

/** What a reply calls the quality. */
export type RepliedQuality = (typeof repliedQualities)[number];

/** What each quality is called in replies, and its steps as a multiple of the model's own number of them. */
const meanings: Record<Quality, { readonly replied: RepliedQuality; readonly factor: number }> = {
  auto: { replied: 'medium', factor: 1 },
  low: { replied: 'low', factor: 0.5 },
  medium: { replied: 'medium', factor: 1 },
  high: { replied: 'high', factor: 2 },
  standard: { replied: 'medium', factor: 1 },
  hd: { replied: 'high', factor: 2 },
};

/** Returns the steps that a quality takes with a model, rounded up, and never more than may be asked for. */
export function stepsOfQuality(quality: Quality, { defaultSteps }: ServedModel): number {
  return Math.min(ranges.steps.max, Math.ceil(defaultSteps * meanings[quality].factor));
}

/** Names in a reply the quality that was asked for; undefined is for a number of steps instead. */
export function repliedQuality(quality: Quality | undefined): RepliedQuality {
  return quality === undefined ? 'auto' : meanings[quality].replied;
}
