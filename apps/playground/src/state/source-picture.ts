import type { SourcePicture } from './settings.js';

/** More pixels than this on a side no model draws here, and sending them would only take longer. */
const longestSide = 1024;

/**
 * Opens a file, and scales it down where it is larger than any model could use.
 *
 * @throws Error with words for whoever chose the file, when the browser can't read it as a picture.
 */
export async function openPicture(file: Blob): Promise<SourcePicture> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error('This file is not a picture that can be read. PNG, JPEG and WebP can.');
  });
  const scale = Math.min(1, longestSide / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale))) as [number, number];
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return { image: await canvas.convertToBlob({ type: 'image/png' }), mask: null, width, height, strength: null };
}

/** Makes a mask whose pixels are transparent where a canvas was painted on. */
export async function maskFrom(painted: HTMLCanvasElement): Promise<Blob> {
  const { width, height } = painted;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (context !== null) {
    context.fillRect(0, 0, width, height);
    context.globalCompositeOperation = 'destination-out';
    context.drawImage(painted, 0, 0);
  }
  return await canvas.convertToBlob({ type: 'image/png' });
}
