/** What benchmarks draw: single objects, backgrounds, positions and counts. */
export const prompts: readonly string[] = [
  'a red apple',
  'a cat on a purple background',
  'a castle',
  'three bananas',
  'a green star left of a blue circle',
  'a cup of coffee',
  'a rocket',
  'an owl on a yellow background',
  'a dog left of a tree',
  'five fish',
];
