import { CAPTURE_KINDS } from '@heapfloor/contract';
import {
  SNAPSHOT_KINDS,
  type CaptureFacts,
  type CapturePolicy,
  type CaptureRequest,
  type CaptureState,
  type GuardInput,
} from '../guards/guard.ts';

export const MIB = 2 ** 20;
export const NOW_MS = Date.parse('2026-11-24T10:00:00Z');

/** What differs from a situation in which everything is allowed. */
export interface Situation {
  readonly facts?: Partial<CaptureFacts>;
  readonly policy?: Partial<CapturePolicy>;
  readonly state?: Partial<CaptureState>;
  readonly request?: Partial<CaptureRequest>;
}

export function buildSituation({ facts, policy, state, request }: Situation): Omit<GuardInput, 'kind'> {
  return {
    facts: { ...FACTS, ...facts },
    policy: { ...POLICY, ...policy },
    state: { running: null, attempts: [], lockouts: [], ...state },
    request: { alertStartsAtMs: null, keyKinds: null, ...request },
  };
}

/** 100 MiB of heap: 1,000 MiB of memory, 350 MiB of disk and 175 MiB of quota are needed, for a pause of 10 s. */
const FACTS: CaptureFacts = {
  nowMs: NOW_MS,
  uptimeMs: 3_600_000,
  killSwitch: null,
  heapUsedBytes: 100 * MIB,
  pausesMain: true,
  heapLimitBytes: 100 * MIB,
  rssBytes: 160 * MIB,
  memory: { availableBytes: 2_000 * MIB, limitBytes: null, source: 'free memory' },
  reusableBytes: 0,
  disk: { freeBytes: 10_000 * MIB, usedBytes: 0, problem: null },
  eventLoopDelayMs: 3,
  eventLoopTimeoutMs: 2_000,
  eventLoopUtilizationRatio: 0.5,
  learned: null,
  drain: { isConfigured: false, answersLiveness: false },
};

const POLICY: CapturePolicy = {
  instance: 'app-1',
  enabledKinds: CAPTURE_KINDS,
  warmUpMs: 60_000,
  alertMaxAgeMs: 900_000,
  cooldownMs: {
    'metrics-summary': 0,
    'diagnostic-report': 60_000,
    'heap-profile': 600_000,
    'cpu-profile': 600_000,
    'allocation-timeline': 1_800_000,
    'near-heap-limit': 1_800_000,
    'heap-snapshot': 1_800_000,
    inspector: 0,
  },
  budgets: [{ kinds: SNAPSHOT_KINDS, maxCount: 3, windowMs: 24 * 3_600_000 }],
  heapCeilingBytes: 512 * MIB,
  headroomRatio: 8,
  headroomMarginRatio: 1.25,
  pauseMsPerMib: 100,
  maxPauseMs: 10_000,
  maxDrainedPauseMs: 600_000,
  probeBudgetMs: null,
  maxEventLoopUtilizationRatio: 0.95,
  freeDiskRatio: 2,
  artifactQuotaBytes: 2048 * MIB,
};
