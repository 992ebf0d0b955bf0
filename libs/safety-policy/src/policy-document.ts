import { createHash } from 'node:crypto';
import { type HarmCategory, harmCategories, type ModerationStage } from '@darkroom/contracts';
import type { ModerationLevel } from '@darkroom/contracts/http';
import { z } from 'zod';
import { actionAt, isAsStrictAs, type Rule, rule } from './rule.js';

/** Where content is judged. */
export const stages = ['prompt', 'input_image', 'output_image'] as const;

/** One place where content is judged; negative prompts are judged as prompts, pictures of developing images as output. */
export type Stage = (typeof stages)[number];

/** What is done about a category, and, where that differs, for requests at the level `low`. */
const categoryRule = z.strictObject({ ...rule.shape, low: rule.optional() });

const stageRules = z.record(z.enum(harmCategories), categoryRule);

const term = z
  .string()
  .trim()
  .max(100)
  .refine((text) => (text.match(/[\p{L}\p{N}]/gu)?.length ?? 0) >= 2, 'must have two letters or digits or more');

/** Words that a tenant may use although a category's rules find them: its own brand, or a person whose consent is on file. */
const exemption = z.strictObject({
  category: z.enum(harmCategories),
  /** Taken out of a prompt before it is judged for the category. */
  terms: z.array(term).min(1).max(100),
  reason: z.string().trim().min(3).max(500),
});

/** Words that nobody may have taken out. */
const neverExempt: readonly HarmCategory[] = ['child_safety', 'sexual'];

/** A policy as data: what is done about each category at each stage. */
export const policyDocument = z
  .strictObject({
    /** What its author calls it, for instance a date. */
    version: z.string().trim().min(1).max(100),
    stages: z.strictObject({ prompt: stageRules, input_image: stageRules, output_image: stageRules }),
    exemptions: z.array(exemption).max(200).default([]),
  })
  .superRefine((document, context) => {
    for (const stage of stages) {
      for (const category of harmCategories) {
        for (const message of wrongs(category, document.stages[stage][category])) {
          context.addIssue({ code: 'custom', path: ['stages', stage, category], message });
        }
      }
    }
    for (const [index, { category }] of document.exemptions.entries()) {
      const message = `nobody is exempt from ${category}`;
      if (neverExempt.includes(category)) context.addIssue({ code: 'custom', path: ['exemptions', index], message });
    }
  });

/** One version of a policy. */
export type PolicyDocument = z.output<typeof policyDocument>;

/** What policies call each point at which something is judged. */
const policyStages: Readonly<Record<ModerationStage, Stage>> = {
  prompt: 'prompt',
  negative_prompt: 'prompt',
  input_image: 'input_image',
  partial_image: 'output_image',
  output_image: 'output_image',
};

/** Gives what policies call a point at which something is judged. */
export function policyStage(stage: ModerationStage): Stage {
  return policyStages[stage];
}

/** Gives the digest of a policy, SHA-256 of it as JSON, so that a decision can be made again by exactly this one. */
export function policyDigest(document: PolicyDocument): string {
  return digestOf(JSON.stringify(document));
}

/**
 * Reads a policy from the JSON that its digest is of.
 *
 * @throws Error when the JSON is another policy's, or as {@link parsePolicyDocument} does.
 */
export function readPolicy(json: string, digest: string): PolicyDocument {
  if (digestOf(json) !== digest) throw new Error(`the policy has the digest ${digestOf(json)} and not ${digest}`);
  return parsePolicyDocument(JSON.parse(json));
}

/** Gives what a policy does about a category at a stage, for requests at a level. */
export function ruleFor({ stages }: PolicyDocument, stage: Stage, category: HarmCategory, level: ModerationLevel): Rule {
  const { low, ...usual } = stages[stage][category];
  return level === 'low' ? (low ?? usual) : usual;
}

/**
 * Reads a policy.
 *
 * @throws Error naming each field that is missing, wrong or unknown.
 */
export function parsePolicyDocument(value: unknown): PolicyDocument {
  const parsed = policyDocument.safeParse(value);
  if (!parsed.success) throw new Error(`the policy is wrong:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function digestOf(json: string): string {
  return `sha256:${createHash('sha256').update(json).digest('hex')}`;
}

function wrongs(category: HarmCategory, { low, ...usual }: z.output<typeof categoryRule>): string[] {
  const blocksAll = [usual, low ?? usual].every((one) => actionAt(one, 1) === 'block');
  return [
    ...(category === 'child_safety' && !blocksAll ? ['is blocked from severity 1 on, at every level'] : []),
    ...(low !== undefined && !isAsStrictAs(usual, low) ? ['must not do more at the level low than otherwise'] : []),
  ];
}
