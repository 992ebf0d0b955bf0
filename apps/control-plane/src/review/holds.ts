import type { Decision } from '@darkroom/contracts';

/** A decision as the log has it. */
export interface LoggedDecision {
  readonly id: string;
  readonly decision: Pick<Decision, 'stage' | 'image' | 'action'>;
}

/**
 * Tells whether an image of a generation may be shown as it is.
 *
 * It may when the log knows what was decided on it, and a reviewer has approved of whatever holds it: what was to be blurred of the image
 * itself, and of the prompts and picture that it was made of. Of several decisions on the same, as there are where a worker was lost, the
 * last counts.
 *
 * @param decisions on the generation, the newest first.
 */
export function mayBeShown(decisions: readonly LoggedDecision[], approved: ReadonlySet<string>, image: number): boolean {
  const last = new Map<string, LoggedDecision>();
  for (const one of decisions) {
    const { stage, image: of } = one.decision;
    const concerns = stage === 'output_image' ? of === image : stage !== 'partial_image';
    if (concerns && !last.has(stage)) last.set(stage, one);
  }
  return (
    last.has('output_image') && [...last.values()].every(({ id, decision }) => decision.action !== 'blur' || approved.has(id))
  );
}
