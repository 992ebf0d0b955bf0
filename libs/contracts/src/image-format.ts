import { DarkroomError } from './error/darkroom-error.js';
import { ImageFormat } from './generated/darkroom/decoding/v1/vae_decoder.js';
import type { OutputFormat } from './http/parameters.js';

/** How one image encoding is called in each place. */
export interface FormatNames {
  readonly output: OutputFormat;
  readonly contentType: string;
  /** File name extension, without the dot. */
  readonly extension: string;
}

const names = new Map<ImageFormat, FormatNames>([
  [ImageFormat.IMAGE_FORMAT_PNG, { output: 'png', contentType: 'image/png', extension: 'png' }],
  [ImageFormat.IMAGE_FORMAT_JPEG, { output: 'jpeg', contentType: 'image/jpeg', extension: 'jpg' }],
  [ImageFormat.IMAGE_FORMAT_WEBP, { output: 'webp', contentType: 'image/webp', extension: 'webp' }],
]);

const formats: Record<OutputFormat, ImageFormat> = {
  png: ImageFormat.IMAGE_FORMAT_PNG,
  jpeg: ImageFormat.IMAGE_FORMAT_JPEG,
  webp: ImageFormat.IMAGE_FORMAT_WEBP,
};

/**
 * Tells by its first bytes which of the encodings a file has; undefined for any other. Nothing else may reach a decoder: libvips has many
 * more of them.
 */
export function encodingOf(file: Uint8Array): OutputFormat | undefined {
  const start = Buffer.from(file.buffer, file.byteOffset, Math.min(file.byteLength, 12)).toString('latin1');
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (start.startsWith('\xff\xd8\xff')) return 'jpeg';
  return start.startsWith('RIFF') && start.endsWith('WEBP') && start.length === 12 ? 'webp' : undefined;
}

/** Turns the HTTP API's name of an encoding into the messages' one. */
export function toImageFormat(output: OutputFormat): ImageFormat {
  return formats[output];
}

/**
 * Returns how an encoding is called elsewhere.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` when the message names none that this version knows.
 */
export function formatNames(format: ImageFormat): FormatNames {
  const found = names.get(format);
  if (found === undefined) {
    throw new DarkroomError({ code: 'invalid_argument', message: 'format must be PNG, JPEG or WEBP', param: 'format' });
  }
  return found;
}
