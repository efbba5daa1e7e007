/**
 * Reads OTLP protobuf, written from `opentelemetry-proto` v1 (`metrics.proto`, `common.proto`, `resource.proto`) and
 * independent of the SDK's writer. The result has the shape of OTLP JSON.
 */
type Kind = 'string' | 'varint' | 'fixed64' | 'double' | 'packed-fixed64' | 'packed-double' | 'bool' | Schema;
interface Field {
  readonly name: string;
  readonly kind: Kind;
  readonly isList?: boolean;
}
type Schema = Readonly<Record<number, Field>>;

const ANY_VALUE: Schema = {
  1: { name: 'stringValue', kind: 'string' },
  2: { name: 'boolValue', kind: 'bool' },
  3: { name: 'intValue', kind: 'varint' },
  4: { name: 'doubleValue', kind: 'double' },
};
const KEY_VALUE: Schema = { 1: { name: 'key', kind: 'string' }, 2: { name: 'value', kind: ANY_VALUE } };
const TIMES: Schema = {
  2: { name: 'startTimeUnixNano', kind: 'fixed64' },
  3: { name: 'timeUnixNano', kind: 'fixed64' },
};
const NUMBER_POINT: Schema = {
  ...TIMES,
  4: { name: 'asDouble', kind: 'double' },
  6: { name: 'asInt', kind: 'fixed64' },
  7: { name: 'attributes', kind: KEY_VALUE, isList: true },
};
const HISTOGRAM_POINT: Schema = {
  ...TIMES,
  4: { name: 'count', kind: 'fixed64' },
  5: { name: 'sum', kind: 'double' },
  6: { name: 'bucketCounts', kind: 'packed-fixed64' },
  7: { name: 'explicitBounds', kind: 'packed-double' },
  9: { name: 'attributes', kind: KEY_VALUE, isList: true },
};
const points = (kind: Schema): Schema => ({
  1: { name: 'dataPoints', kind, isList: true },
  2: { name: 'aggregationTemporality', kind: 'varint' },
  3: { name: 'isMonotonic', kind: 'bool' },
});
const METRIC: Schema = {
  1: { name: 'name', kind: 'string' },
  2: { name: 'description', kind: 'string' },
  3: { name: 'unit', kind: 'string' },
  5: { name: 'gauge', kind: points(NUMBER_POINT) },
  7: { name: 'sum', kind: points(NUMBER_POINT) },
  9: { name: 'histogram', kind: points(HISTOGRAM_POINT) },
};
const SCOPE_METRICS: Schema = {
  1: { name: 'scope', kind: { 1: { name: 'name', kind: 'string' }, 2: { name: 'version', kind: 'string' } } },
  2: { name: 'metrics', kind: METRIC, isList: true },
};
const RESOURCE_METRICS: Schema = {
  1: { name: 'resource', kind: { 1: { name: 'attributes', kind: KEY_VALUE, isList: true } } },
  2: { name: 'scopeMetrics', kind: SCOPE_METRICS, isList: true },
};
const REQUEST: Schema = { 1: { name: 'resourceMetrics', kind: RESOURCE_METRICS, isList: true } };

export function decodeExportRequest(bytes: Buffer): unknown {
  return decodeMessage(bytes, REQUEST);
}

type Message = Record<string, unknown>;

function decodeMessage(bytes: Buffer, schema: Schema): Message {
  const message: Message = {};
  for (const field of Object.values(schema)) if (field.isList === true) message[field.name] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = readVarint(bytes, at);
    const value = readValue(bytes, tag.end, tag.value & 7);
    at = value.end;
    const field = schema[tag.value >>> 3];
    if (field !== undefined) put(message, field, decodeValue(value.raw, field.kind));
  }
  return message;
}

function put(message: Message, { name, isList }: Field, value: unknown): void {
  if (isList === true) (message[name] as unknown[]).push(value);
  else message[name] = value;
}

function decodeValue(raw: number | Buffer, kind: Kind): unknown {
  if (kind === 'varint') return raw;
  if (kind === 'bool') return raw === 1;
  const bytes = raw as Buffer;
  if (kind === 'string') return bytes.toString();
  // OTLP JSON has 64-bit numbers as text.
  if (kind === 'fixed64') return String(bytes.readBigInt64LE());
  if (kind === 'double') return bytes.readDoubleLE();
  if (kind === 'packed-fixed64') return eights(bytes).map((one) => String(one.readBigInt64LE()));
  if (kind === 'packed-double') return eights(bytes).map((one) => one.readDoubleLE());
  return decodeMessage(bytes, kind);
}

function eights(bytes: Buffer): Buffer[] {
  return Array.from({ length: bytes.length / 8 }, (_, index) => bytes.subarray(index * 8, index * 8 + 8));
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;

function readValue(bytes: Buffer, at: number, wireType: number): { raw: number | Buffer; end: number } {
  if (wireType === VARINT) {
    const { value, end } = readVarint(bytes, at);
    return { raw: value, end };
  }
  if (wireType === FIXED64) return { raw: bytes.subarray(at, at + 8), end: at + 8 };
  if (wireType !== LENGTH_DELIMITED) throw new TypeError(`wire type ${wireType} at ${at}`);
  const length = readVarint(bytes, at);
  const end = length.end + length.value;
  if (end > bytes.length) throw new RangeError(`field at ${at} ends at ${end} of ${bytes.length}`);
  return { raw: bytes.subarray(length.end, end), end };
}

function readVarint(bytes: Buffer, at: number): { value: number; end: number } {
  let value = 0;
  for (let index = 0; ; index += 1) {
    const byte = bytes[at + index] ?? 0;
    value += (byte & 127) * 2 ** (7 * index);
    if (byte < 128) return { value, end: at + index + 1 };
  }
}
