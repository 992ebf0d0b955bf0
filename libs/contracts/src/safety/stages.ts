/** The points of a generation's way at which something is judged, in their order. */
export const moderationStages = ['prompt', 'negative_prompt', 'input_image', 'partial_image', 'output_image'] as const;

/** A point of a generation's way at which something is judged. */
export type ModerationStage = (typeof moderationStages)[number];
