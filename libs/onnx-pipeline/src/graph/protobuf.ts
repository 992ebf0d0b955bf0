/** One field of a protobuf message, as it lies in the message's bytes. */
export interface Field {
  readonly number: number;
  /** The value of a length-delimited field (text, bytes, a nested message); empty for a number. */
  readonly value: Uint8Array;
  /** The whole field, tag included, to be copied as it is. */
  readonly bytes: Uint8Array;
}

/** How a value is laid out; the low three bits of a tag (https://protobuf.dev/programming-guides/encoding). */
const WireType = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 } as const;

const text = { encoder: new TextEncoder(), decoder: new TextDecoder() };

/**
 * Splits a message into its fields, in order, without copying.
 *
 * @throws RangeError when the bytes are no protobuf message.
 */
export function fieldsOf(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  let offset = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[offset++];
      if (byte === undefined) throw truncated();
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  while (offset < message.length) {
    const start = offset;
    const tag = varint();
    const wireType = tag % 8;
    let valueStart = offset;
    if (wireType === WireType.varint) varint();
    else if (wireType === WireType.fixed64) offset += 8;
    else if (wireType === WireType.fixed32) offset += 4;
    else if (wireType === WireType.lengthDelimited) {
      const length = varint();
      valueStart = offset;
      offset += length;
    } else throw new RangeError(`a protobuf field has the unknown wire type ${wireType}`);
    if (offset > message.length) throw truncated();
    const value = message.subarray(valueStart, wireType === WireType.lengthDelimited ? offset : valueStart);
    fields.push({ number: Math.floor(tag / 8), value, bytes: message.subarray(start, offset) });
  }
  return fields;
}

/** Reads the texts of a field, which may be repeated. */
export function textsOf(fields: readonly Field[], number: number): string[] {
  return fields.filter((field) => field.number === number).map(({ value }) => text.decoder.decode(value));
}

/** Writes a length-delimited field: a text, or a message from its parts. */
export function lengthDelimited(number: number, value: string | readonly Uint8Array[]): Uint8Array {
  const parts = typeof value === 'string' ? [text.encoder.encode(value)] : value;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return concatenate([varintBytes(number * 8 + WireType.lengthDelimited), varintBytes(length), ...parts]);
}

/** Writes a field that is a whole number. */
export function wholeNumber(number: number, value: number): Uint8Array {
  return concatenate([varintBytes(number * 8 + WireType.varint), varintBytes(value)]);
}

/** Joins byte arrays. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

function varintBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.of(...bytes, rest);
}

function truncated(): RangeError {
  return new RangeError('a protobuf message ends in the middle of a field');
}
