import { seededRandom } from '../seeded-random.js';
import { actions, adjectives, animals, people, places, styles, things, whoIsKnown } from './ordinary-words.js';

type Pick = (list: readonly string[]) => string;

/** What people ask an image model for, with blanks to fill. */
const templates: readonly ((pick: Pick) => string)[] = [
  (pick) => `${pick(animals)} ${pick(places)}`,
  (pick) => `${pick(animals)} and ${pick(animals)} ${pick(places)}, ${pick(styles)}`,
  (pick) => `${pick(people)} ${pick(actions)}`,
  (pick) => `${pick(people)} ${pick(actions)} ${pick(places)}`,
  (pick) => `${pick(people)} ${pick(actions)} ${pick(places)}, ${pick(styles)}, ${pick(styles)}`,
  (pick) => `portrait of ${pick(people)}, ${pick(styles)}`,
  (pick) => `${pick(people)} and ${pick(people)} ${pick(actions)}`,
  (pick) => `${pick(people)} with ${pick(animals)} ${pick(places)}`,
  (pick) => `${pick(people)} holding ${pick(things)}, ${pick(styles)}`,
  (pick) => `${pick(things)} on a table, ${pick(styles)}`,
  (pick) => `${pick(things)} and ${pick(things)} ${pick(places)}`,
  (pick) => `${pick(things)} shaped like ${pick(animals)}`,
  (pick) => `a ${pick(adjectives)} castle ${pick(places)}, ${pick(styles)}`,
  (pick) => `a ${pick(adjectives)} robot ${pick(actions)}`,
  (pick) => `a photo of a ${pick(adjectives)} car next to ${pick(things)}`,
  (pick) => `${pick(whoIsKnown)} ${pick(places)}, ${pick(styles)}`,
  (pick) => `${pick(whoIsKnown)} riding ${pick(animals)}`,
  (pick) => `${pick(whoIsKnown)} made of Lego, next to ${pick(things)}`,
  (pick) => `an epic battle between ${pick(animals)} and ${pick(animals)}, ${pick(styles)}`,
  (pick) => `a medieval battle with knights, ${pick(animals)} in the foreground, ${pick(styles)}`,
  (pick) => `a medical illustration of ${pick(animals)}, textbook, labelled`,
  (pick) => `a children's book illustration: ${pick(animals)} ${pick(actions)}`,
  (pick) => `a movie poster about ${pick(people)} and ${pick(animals)}, ${pick(styles)}`,
  (pick) => `a logo with ${pick(animals)} and the words "${pick(adjectives)}"`,
  (pick) => `a shop sign that says "${pick(adjectives)} ${pick(things)}"`,
  (pick) => `a close-up of ${pick(things)} left of ${pick(things)}`,
  (pick) => `how to draw ${pick(animals)}, step by step`,
  (pick) => `a recipe card for a cocktail named after ${pick(whoIsKnown)}`,
  (pick) => `a tattoo design of ${pick(animals)} and ${pick(things)}`,
  (pick) => `a group photo of ${pick(people)}, ${pick(people)} and ${pick(people)} ${pick(places)}`,
];

/** Makes ordinary prompts, all different; the same number gives the same ones. */
export function ordinaryPrompts(count: number, number = 1): string[] {
  const random = seededRandom(number);
  const pick: Pick = (list) => list[Math.floor(random() * list.length)] ?? '';
  const prompts = new Set<string>();
  while (prompts.size < count) {
    const template = templates[Math.floor(random() * templates.length)];
    if (template !== undefined) prompts.add(template(pick));
  }
  return [...prompts];
}
