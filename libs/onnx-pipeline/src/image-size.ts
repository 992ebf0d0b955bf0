import type { SizeLimits } from './families/family.js';
import { PipelineError } from './pipeline-error.js';

/**
 * Makes sure that a model can make an image of this size.
 *
 * @throws PipelineError `invalid_argument` for "size", stating the allowed range.
 */
export function checkImageSize(width: number, height: number, limits: SizeLimits): void {
  const { granularity, minSide, maxSide, maxPixels } = limits;
  const fits = (side: number) => side % granularity === 0 && side >= minSide && side <= maxSide;
  if (!fits(width) || !fits(height) || width * height > maxPixels) {
    throw PipelineError.invalidArgument(
      'size',
      `size ${width}x${height} can't be made: each side is a multiple of ${granularity} from ${minSide} to ${maxSide}, and width x height is at most ${maxPixels} pixels`,
    );
  }
}
