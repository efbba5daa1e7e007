import { ExportError } from './export-failure.ts';

/** Of `@opentelemetry/otlp-exporter-base`, which does not export it. */
export interface Transport {
  send(data: Uint8Array, timeoutMs: number): Promise<TransportAnswer>;
  shutdown(): void;
}

type TransportAnswer =
  | { readonly status: 'success'; readonly data?: Uint8Array }
  | { readonly status: 'failure'; readonly error: Error }
  | { readonly status: 'retryable'; readonly error?: Error };

/** The answer of a collector, as the exporter's serializer reads it from JSON or protobuf. */
export interface ExportAnswer {
  readonly partialSuccess?: {
    /** An int64: a string in JSON. */
    readonly rejectedDataPoints?: string | number;
    readonly errorMessage?: string;
  } | null;
}

export type ParseAnswer = (data: Uint8Array) => ExportAnswer | null | undefined;

/**
 * A transport that takes no refusal for a success: the exporter only logs rejected points, and any page is fine to it.
 * @param countAborts - how often we have closed the connection ourselves: what that resets is not sent again.
 */
export function createStrictTransport(
  transport: Transport,
  parse: ParseAnswer,
  countAborts: () => number = () => 0,
): Transport {
  return {
    async send(data, timeoutMs) {
      const abortCount = countAborts();
      let answer = await transport.send(data, timeoutMs);
      // A kept-alive connection that the collector has closed meanwhile: a new one tells whether it is there.
      if (isReset(answer) && countAborts() === abortCount) answer = await transport.send(data, timeoutMs);
      if (answer.status === 'retryable') return { status: 'failure', error: answer.error ?? overloaded() };
      if (answer.status === 'failure' || answer.data === undefined) return answer;
      const error = findRefusal(answer.data, parse);
      return error === null ? { status: 'success' } : { status: 'failure', error };
    },
    shutdown: () => transport.shutdown(),
  };
}

function isReset(answer: TransportAnswer): boolean {
  const code = answer.status === 'success' ? undefined : (answer.error as NodeJS.ErrnoException)?.code;
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/** The transport keeps the number to itself. */
function overloaded(): ExportError {
  return new ExportError('http', 'overloaded or away: HTTP 429, 502, 503 or 504');
}

function findRefusal(data: Uint8Array, parse: ParseAnswer): ExportError | null {
  const text = Buffer.from(data.buffer, data.byteOffset, Math.min(data.length, 64)).toString('latin1');
  if (text.trimStart().startsWith('<'))
    return new ExportError('http', 'answered with a page: not a collector');
  const { rejectedDataPoints = 0, errorMessage = '' } = readPartialSuccess(data, parse);
  const count = Number(rejectedDataPoints);
  // A message without a count is a warning (OTLP specification, partial success).
  return count > 0 ? new ExportError('rejected', `rejected ${count} data points: ${errorMessage}`) : null;
}

function readPartialSuccess(
  data: Uint8Array,
  parse: ParseAnswer,
): NonNullable<ExportAnswer['partialSuccess']> {
  try {
    return parse(data)?.partialSuccess ?? {};
  } catch {
    // A body of its own making with a status of success: taken.
    return {};
  }
}
