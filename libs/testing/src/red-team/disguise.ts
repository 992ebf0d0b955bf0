/** One way to hide what a prompt asks for. */
export interface Disguise {
  readonly name: string;
  /** Whether it works on any script; the others need Latin letters. */
  readonly anyScript: boolean;
  /** Whether the moderator claims to see through it; the others are measured all the same. */
  readonly claimed: boolean;
  readonly apply: (text: string, random: () => number) => string;
}
