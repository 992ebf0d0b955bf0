import { DarkroomError } from '@darkroom/contracts';
import { maxPictureBytes, typedFields } from '@darkroom/contracts/http';
import type { MultipartFile, MultipartValue } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import type { HeldBytes } from './upload-budget.js';

/** A form that edits a picture, as it was sent: its texts are not checked yet, nor are its files opened. */
export interface EditForm {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly image: Buffer;
  readonly mask: Buffer | undefined;
}

/** Largest text of a form, as large as a body of JSON may be. */
const maxTextBytes = 1024 * 1024;

/** What a form may hold; the reader counts files itself, so that it can say what is wrong with one too many. */
export const formLimits = {
  fields: 64,
  files: 64,
  parts: 128,
  fieldNameSize: 100,
  fieldSize: maxTextBytes,
  fileSize: maxPictureBytes,
};

/** Largest form as a whole: two files, and what is written around them. */
export const maxFormBytes = 2 * maxPictureBytes + 2 * maxTextBytes;

/** Names that a file is sent under: OpenAI's client writes `image[]` for a list. */
const fileNames: Readonly<Record<string, 'image' | 'mask'>> = { image: 'image', 'image[]': 'image', mask: 'mask' };

/**
 * Reads a form to its end, also when something in it is wrong: a client that is still writing would not see the answer.
 *
 * @param held what the files and texts are counted in.
 * @throws {DarkroomError} Thrown with `invalid_argument` for a form that is broken, has no picture, or names something twice; with
 *   `payload_too_large` for a part that is too large; with `unavailable` when there is no room for it.
 */
export async function readEditForm(request: FastifyRequest, held: HeldBytes): Promise<EditForm> {
  const fields = new Map<string, string>();
  const files = new Map<string, Buffer>();
  let problem: DarkroomError | undefined;
  try {
    for await (const part of request.parts()) {
      try {
        if (problem !== undefined) skip(part);
        else if (part.type === 'file') await takeFile(part, files, held);
        else takeField(part, fields, held);
      } catch (thrown) {
        problem = DarkroomError.from(thrown);
        skip(part);
      }
    }
  } catch (cause) {
    throw problem ?? brokenForm(cause);
  }
  if (problem !== undefined) throw problem;
  const image = files.get('image');
  if (image === undefined) throw invalid('`image` must be a file; it is missing', 'image');
  return { fields: typedFields(Object.fromEntries(fields)), image, mask: files.get('mask') };
}

async function takeFile(part: MultipartFile, files: Map<string, Buffer>, held: HeldBytes): Promise<void> {
  const { fieldname, file } = part;
  const name = Object.hasOwn(fileNames, fieldname) ? fileNames[fieldname] : undefined;
  if (name === undefined) {
    const shown = fieldname.slice(0, 64);
    throw invalid(`the file \`${shown}\` is not supported; files are \`image\` and \`mask\``, shown);
  }
  if (files.has(name)) throw invalid(`\`${name}\` must be one file; no model here takes several`, name);
  const chunks: Buffer[] = [];
  let noRoom: unknown;
  for await (const chunk of file as AsyncIterable<Buffer>) {
    if (noRoom !== undefined) continue;
    try {
      held.add(chunk.length);
      chunks.push(chunk);
    } catch (error) {
      noRoom = error;
      chunks.length = 0;
    }
  }
  if (noRoom !== undefined) throw noRoom;
  if (file.truncated) {
    const message = `\`${name}\` is too large; the limit is ${maxPictureBytes / 1024 / 1024} MiB`;
    throw new DarkroomError({ code: 'payload_too_large', message, param: name });
  }
  files.set(name, Buffer.concat(chunks));
}

function takeField({ fieldname, value, valueTruncated }: MultipartValue, fields: Map<string, string>, held: HeldBytes): void {
  if (Object.hasOwn(fileNames, fieldname)) {
    const name = fileNames[fieldname] as string;
    throw invalid(`\`${name}\` must be a file, sent with a file name`, name);
  }
  const text = String(value);
  const param = fieldname.slice(0, 64);
  if (valueTruncated) {
    const message = `\`${param}\` is too large; the limit is ${maxTextBytes} bytes`;
    throw new DarkroomError({ code: 'payload_too_large', message, param });
  }
  if (fields.has(fieldname)) throw invalid(`\`${param}\` is given twice`, param);
  held.add(2 * text.length);
  fields.set(fieldname, text);
}

function skip(part: MultipartFile | MultipartValue): void {
  if (part.type === 'file') part.file.resume();
}

function brokenForm(cause: unknown): DarkroomError {
  const status = (cause as { readonly statusCode?: unknown }).statusCode;
  if (status === 413) {
    const message = `the form has too many parts; the limits are ${formLimits.fields} fields and 2 files`;
    return new DarkroomError({ code: 'payload_too_large', message, param: 'body', cause });
  }
  const message = 'the request body must be a whole form, as multipart/form-data with its boundary';
  return new DarkroomError({ code: 'invalid_argument', message, param: 'body', cause });
}

function invalid(message: string, param: string): DarkroomError {
  return new DarkroomError({ code: 'invalid_argument', message, param });
}
