/**
 * Leans a noise level to noise: s * sigma / (1 + (s - 1) * sigma).
 *
 * Larger images need more noise to hide their structure: Esser et al., "Scaling Rectified Flow Transformers", arXiv 2403.03206,
 * equation 23.
 *
 * @param sigma from 0 to 1; the ends stay where they are.
 * @param shift above 0; 1 changes nothing.
 */
export function staticShift(sigma: number, shift: number): number {
  return (shift * sigma) / (1 + (shift - 1) * sigma);
}
