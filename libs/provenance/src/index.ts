export type { RgbPixels } from './watermark/canonical.js';
export {
  type Detection,
  detectionThreshold,
  falsePositiveBound,
  markPsnr,
  type PictureMark,
  Watermark,
} from './watermark/watermark.js';
