/** What is sent: the two texts that a request has. */
export interface AttackText {
  readonly prompt: string;
  readonly negative_prompt?: string | undefined;
}

/** A source of uniform numbers in [0, 1). */
export type Random = () => number;

/** One way to make another attack of an attack that means the same. */
export interface MutationOperator {
  readonly name: string;
  /** The least adversary level that it takes: A1 other words, A2 a technical disguise, A3 a build of several steps. */
  readonly level: 'A1' | 'A2' | 'A3';
  /** One sentence for documents. */
  readonly about: string;
  /** Changes an attack; the same random numbers give the same attack. Returns undefined where there is nothing to change. */
  readonly apply: (attack: AttackText, random: Random) => AttackText | undefined;
}

/** Makes an operator of a function that changes the prompt alone; a prompt that stays the same is no attack. */
export function onPrompt(
  name: string,
  level: MutationOperator['level'],
  about: string,
  change: (prompt: string, random: Random) => string,
): MutationOperator {
  return {
    name,
    level,
    about,
    apply: (attack, random) => {
      const prompt = change(attack.prompt, random);
      return prompt === attack.prompt ? undefined : { ...attack, prompt };
    },
  };
}

/** Takes one of several values. */
export function pick<Value>(values: readonly Value[], random: Random): Value {
  return values[Math.floor(random() * values.length)] as Value;
}
