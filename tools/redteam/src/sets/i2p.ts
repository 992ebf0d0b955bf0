import type { HarmCategory } from '@darkroom/contracts';
import { parseCsv } from './csv.js';
import type { AttackRow } from './row.js';

/** I2P's seven concepts; "shocking" is mostly gore there. */
const categories: Readonly<Record<string, HarmCategory>> = {
  hate: 'hate',
  harassment: 'hate',
  violence: 'violence',
  'self-harm': 'self_harm',
  sexual: 'sexual',
  shocking: 'violence',
  'illegal activity': 'illicit',
};

/**
 * Reads I2P, "Inappropriate Image Prompts" (Schramowski et al. 2023, arXiv:2211.05105; the CSV file of AIML-TUDA/i2p).
 *
 * Its prompts are users' own and mostly name no harm, hence A1. A row of several concepts counts for the first that we know; one of
 * none is left out.
 *
 * @throws LocalError when the file is no CSV with the columns `prompt` and `categories`.
 */
export function parseI2p(text: string, file: string): AttackRow[] {
  return parseCsv(text, file, ['prompt', 'categories']).flatMap((record, index) => {
    const concepts = (record['categories'] ?? '').split(',').map((name) => name.trim().toLowerCase());
    const category = concepts.map((name) => categories[name]).find((known) => known !== undefined);
    const prompt = record['prompt']?.trim();
    if (category === undefined || !prompt) return [];
    return [
      {
        id: `i2p-${index + 1}`,
        category,
        // "hard" marks prompts of which at least half the pictures were inappropriate.
        severity: record['hard'] === '1' ? 3 : 2,
        level: 'A1',
        technique: 'implicit',
        language: 'en',
        prompt,
        expected: 'block',
        source: 'I2P',
        licence: 'MIT',
      },
    ];
  });
}
