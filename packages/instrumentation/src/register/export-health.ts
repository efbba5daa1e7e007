import { diag } from '@opentelemetry/api';
import { ATTR_ERROR_TYPE, METRIC_EXPORT_FAILURE } from '@heapfloor/contract/metrics';
import type { Collector } from '../collectors/collector.ts';
import type { ExportFailure, ExportFailureType } from './export-failure.ts';

/** What is known about the exports of this process. */
export interface HealthState {
  readonly failureCounts: Readonly<Partial<Record<ExportFailureType, number>>>;
  /** Since the last success. */
  readonly failedInRow: number;
  readonly lastFailure: ExportFailure | null;
  readonly hasSaidFailure: boolean;
  readonly hasSaidRecovery: boolean;
}

export const HEALTHY: HealthState = {
  failureCounts: {},
  failedInRow: 0,
  lastFailure: null,
  hasSaidFailure: false,
  hasSaidRecovery: false,
};

/** One line each way in the life of a process: the metric tells the rest. */
export function nextHealth(
  state: HealthState,
  failure: ExportFailure | null,
): { readonly state: HealthState; readonly say: string | null } {
  if (failure === null) {
    const isNews = state.failedInRow > 0 && !state.hasSaidRecovery;
    const say = isNews ? `works again after ${state.failedInRow} failed exports; said once` : null;
    const hasSaidRecovery = state.hasSaidRecovery || isNews;
    return { state: { ...state, failedInRow: 0, lastFailure: null, hasSaidRecovery }, say };
  }
  const count = (state.failureCounts[failure.type] ?? 0) + 1;
  const next = {
    ...state,
    failureCounts: { ...state.failureCounts, [failure.type]: count },
    failedInRow: state.failedInRow + 1,
    lastFailure: failure,
    hasSaidFailure: true,
  };
  return { state: next, say: state.hasSaidFailure ? null : `${failure.reason}; said once, tried on` };
}

/** Values of `error.type`: nobody answered, or the answer was no success. Each is a series; the line says more. */
export const EXPORTED_TYPES = ['connection', 'response'] as const;
type ExportedType = (typeof EXPORTED_TYPES)[number];

const EXPORTED_TYPE: Readonly<Record<ExportFailureType, ExportedType>> = {
  timeout: 'connection',
  connection: 'connection',
  other: 'connection',
  http: 'response',
  rejected: 'response',
};

function countOf({ failureCounts }: HealthState, wanted: ExportedType): number {
  const types = (Object.keys(EXPORTED_TYPE) as ExportFailureType[]).filter(
    (type) => EXPORTED_TYPE[type] === wanted,
  );
  return types.reduce((sum, type) => sum + (failureCounts[type] ?? 0), 0);
}

export interface ExportHealth {
  /** `heapfloor.export.failure`. */
  readonly collector: Collector;
  /** The last export got no answer, so that one more at the end of the process would only delay it. */
  readonly isUnreachable: () => boolean;
  readonly onResult: (failure: ExportFailure | null) => void;
}

/** @param say - writes one line. */
export function createExportHealth(say: (message: string) => void): ExportHealth {
  let state = HEALTHY;
  return {
    collector: {
      metricNames: [METRIC_EXPORT_FAILURE],
      start() {},
      stop() {},
      observe(observe) {
        for (const type of EXPORTED_TYPES) {
          const count = countOf(state, type);
          if (count > 0) observe(METRIC_EXPORT_FAILURE, count, { [ATTR_ERROR_TYPE]: type });
        }
      },
    },
    isUnreachable: () => state.lastFailure?.type === 'timeout' || state.lastFailure?.type === 'connection',
    onResult(failure) {
      if (failure !== null) diag.warn(`heapfloor: export failed (${failure.type}): ${failure.reason}`);
      const next = nextHealth(state, failure);
      state = next.state;
      if (next.say !== null) say(next.say);
    },
  };
}
