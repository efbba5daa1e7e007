/** One field of a message; `bytes` is empty where it is a number. */
export interface Field {
  readonly number: number;
  readonly bytes: Buffer;
}

const FIXED_BYTES: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/**
 * The fields of one protobuf message, in order. The wire format is enough to count with, and needs neither a schema nor a
 * library (protobuf.dev, Encoding).
 */
export function readFields(message: Buffer): Field[] {
  const fields: Field[] = [];
  let offset = 0;
  while (offset < message.length) {
    const tag = readVarint(message, offset);
    const { bytes, end } = readValue(message, tag.end, tag.value % 8);
    fields.push({ number: Math.floor(tag.value / 8), bytes });
    offset = end;
  }
  return fields;
}

function readValue(message: Buffer, offset: number, wireType: number): { bytes: Buffer; end: number } {
  const empty = Buffer.alloc(0);
  if (wireType === 0) return { bytes: empty, end: readVarint(message, offset).end };
  if (wireType === 2) {
    const length = readVarint(message, offset);
    const end = length.end + length.value;
    return { bytes: message.subarray(length.end, end), end };
  }
  const width = FIXED_BYTES[wireType];
  if (width === undefined)
    throw new Error(`protobuf: wire type ${wireType} at byte ${offset}: not a message`);
  return { bytes: empty, end: offset + width };
}

/** Numbers above 2^53 lose their last digits: only lengths and tags are used. */
function readVarint(message: Buffer, offset: number): { value: number; end: number } {
  let value = 0;
  for (let index = 0; ; index++) {
    const byte = message[offset + index];
    if (byte === undefined) throw new Error(`protobuf: the message ends inside a number, at byte ${offset}`);
    value += (byte % 128) * 2 ** (7 * index);
    if (byte < 128) return { value, end: offset + index + 1 };
  }
}
