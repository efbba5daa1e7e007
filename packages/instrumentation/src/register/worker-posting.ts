import type { Attributes } from '@opentelemetry/api';

/** In-process only; any code of the app could listen and post here, so nothing of it is trusted. */
export const WORKER_CHANNEL = '@heapfloor/instrumentation:worker';

type Figure = readonly [metricName: string, value: number, attributes?: Attributes | undefined];

/** What a worker tells the main thread, once per interval. */
export interface WorkerPosting {
  readonly threadId: number;
  /** Empty if the worker has none. */
  readonly threadName: string;
  readonly sentMs: number;
  /** A breach has grown: to be exported at once. */
  readonly isUrgent: boolean;
  /** Every metric that may come, in this posting or later. */
  readonly metricNames: readonly string[];
  readonly observations: readonly Figure[];
  /** For histograms; since the last posting. */
  readonly records: readonly Figure[];
}

/** Before an app's fake timers replace it. */
const readHrtime = process.hrtime.bigint.bind(process.hrtime);

/** A clock that all threads of the process share; `performance.now()` need not be one. */
export function readSharedClockMs(): number {
  return Number(readHrtime() / 1000n) / 1000;
}

export function isWorkerPosting(value: unknown): value is WorkerPosting {
  if (typeof value !== 'object' || value === null) return false;
  const { threadId, threadName, sentMs, metricNames, observations, records } =
    value as Partial<WorkerPosting>;
  return (
    Number.isInteger(threadId) &&
    typeof threadName === 'string' &&
    Number.isFinite(sentMs) &&
    Array.isArray(metricNames) &&
    isFigures(observations) &&
    isFigures(records)
  );
}

function isFigures(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((one) => Array.isArray(one) && typeof one[0] === 'string' && Number.isFinite(one[1]))
  );
}
