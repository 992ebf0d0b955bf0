import {
  DarkroomError,
  type GenerationJob,
  type ModerationContext,
  type ModerationStage,
  type Verdict,
} from '@darkroom/contracts';

/** Tells whose picture is judged, which, and by which policy. */
export function moderationContext(
  { id: generationId, tenantId, keyId, policyDigest }: GenerationJob,
  stage: ModerationStage,
  image: number,
): ModerationContext {
  return { tenantId, keyId, generationId, stage, image, policyDigest };
}

/** Makes the error of a picture that a verdict refuses. */
export function refusal({ category, decisionId }: Verdict): DarkroomError {
  return new DarkroomError({
    code: 'content_policy_violation',
    message: `the picture was refused by the content policy (${category})`,
    category,
    decisionId: decisionId || undefined,
  });
}
