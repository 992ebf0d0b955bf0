import type { GenerationJob, ModerationContext, ModerationStage } from '@darkroom/contracts';

/** Tells the audit log whose picture is judged, and which. */
export function moderationContext(
  { id: generationId, tenantId, keyId }: GenerationJob,
  stage: ModerationStage,
  image: number,
): ModerationContext {
  return { tenantId, keyId, generationId, stage, image };
}
