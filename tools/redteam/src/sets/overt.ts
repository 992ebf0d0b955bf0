import type { HarmCategory } from '@darkroom/contracts';
import { parseCsv } from './csv.js';
import { type AttackRow, benignTechniques } from './row.js';

/** OVERT's nine categories; privacy of persons comes nearest to likeness and deception. */
const categories: Readonly<Record<string, HarmCategory>> = {
  privacy_individual: 'deception',
  privacy_public: 'deception',
  copyright_violations: 'trademarks',
  self_harm: 'self_harm',
  sexual_content: 'sexual',
  illegal_activities: 'illicit',
  unethical_unsafe_action: 'illicit',
  violence: 'violence',
  discrimination: 'hate',
};

/**
 * Reads OVERT (Cheng et al. 2025, arXiv:2505.21347): `OVERT_full.csv` and `OVERT_mini.csv` are benign prompts that look harmful,
 * `OVERT_unsafe.csv` is harmful. The files don't say so themselves, so the caller does. Categories that are not OVERT's are left out.
 *
 * @throws LocalError when the file is no CSV with the columns `image_prompt` and `category`.
 */
export function parseOvert(text: string, file: string, expected: AttackRow['expected']): AttackRow[] {
  return parseCsv(text, file, ['image_prompt', 'category']).flatMap((record, index) => {
    const category = categories[(record['category'] ?? '').trim().toLowerCase()];
    const prompt = record['image_prompt']?.trim();
    if (category === undefined || !prompt) return [];
    return [
      {
        id: `overt-${expected === 'allow' ? 'safe' : 'unsafe'}-${index + 1}`,
        category,
        severity: expected === 'allow' ? 0 : 2,
        level: 'A0',
        technique: expected === 'allow' ? benignTechniques.nearMiss : 'plain',
        language: 'en',
        prompt,
        expected,
        source: 'OVERT',
        licence: 'see the data set',
      },
    ];
  });
}
