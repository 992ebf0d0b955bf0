/**
 * Stretches levels so that the last becomes a given one and pure noise stays: 1 - (1 - sigma) * (1 - terminal) / (1 - last).
 *
 * From Lightricks' LTX-Video, as diffusers' `stretch_shift_to_terminal`. Where that divides by zero, with a single level at pure
 * noise, nothing is stretched.
 *
 * @param sigmas falling from 1.
 * @param terminal above 0 and below 1.
 */
export function stretchToTerminal(sigmas: readonly number[], terminal: number): readonly number[] {
  const last = sigmas.at(-1) as number;
  if (last === 1) {
    return sigmas;
  }
  const scale = (1 - last) / (1 - terminal);
  return sigmas.map((sigma) => 1 - (1 - sigma) / scale);
}
