import type { CaptureKind, GuardResult } from '@heapfloor/contract';

/** What an operator decided; frozen from the start on. */
export interface CapturePolicy {
  readonly instance: string;
  readonly enabledKinds: readonly CaptureKind[];
  /** Least time after the start of the process. */
  readonly warmUpMs: number;
  /** Oldest alert that is still acted on. */
  readonly alertMaxAgeMs: number;
  readonly cooldownMs: Readonly<Record<CaptureKind, number>>;
  /** Attempts within a sliding window, over all instances of the service that share the artifact directory. */
  readonly budgets: readonly AttemptBudget[];
  readonly heapCeilingBytes: number;
  readonly headroomRatio: number;
  readonly headroomMarginRatio: number;
  readonly pauseMsPerMib: number;
  /** Longest predicted pause in service. */
  readonly maxPauseMs: number;
  /** Longest predicted pause of a drained instance. */
  readonly maxDrainedPauseMs: number;
  /** What the liveness probe forgives: period × failures − time-out; null where it was not declared. */
  readonly probeBudgetMs: number | null;
  readonly maxEventLoopUtilizationRatio: number;
  readonly freeDiskRatio: number;
  /** Of all artifacts of all instances in the artifact directory. */
  readonly artifactQuotaBytes: number;
}

export interface AttemptBudget {
  readonly kinds: readonly CaptureKind[];
  readonly maxCount: number;
  readonly windowMs: number;
}

/** What was measured for this decision. */
export interface CaptureFacts {
  /** Epoch, so that a verdict can name the time it was made at. */
  readonly nowMs: number;
  /** Since the start of the process, by a clock that nobody sets. */
  readonly uptimeMs: number;
  /** Who switched all captures off: `file /etc/x` or null. */
  readonly killSwitch: string | null;
  /** Of all isolates that are asked for: their snapshots' memory adds up (four workers of 51 MiB: 3.1 GB, one: 0.8 GB). */
  readonly heapUsedBytes: number;
  /** True where the main thread is among the isolates: only then does the service stand still. */
  readonly pausesMain: boolean;
  /** Old-space limit of the main isolate: what a snapshot at the limit will have to hold. */
  readonly heapLimitBytes: number;
  /** Of the whole process. */
  readonly rssBytes: number;
  readonly memory: MemoryFacts;
  /** rss that an earlier snapshot of the same operation left with the allocator; the next one takes it again. */
  readonly reusableBytes: number;
  /** Where the artifacts go. */
  readonly disk: DiskFacts;
  /** How long the main event loop took to answer; null when it did not within `eventLoopTimeoutMs`. */
  readonly eventLoopDelayMs: number | null;
  readonly eventLoopTimeoutMs: number;
  /** Share of the last seconds in which the main loop was busy; null where it is not known. */
  readonly eventLoopUtilizationRatio: number | null;
  /** From earlier captures of this service; null before the first. */
  readonly learned: LearnedCost | null;
  readonly drain: DrainFacts;
}

export interface MemoryFacts {
  /** What the process may still take before the kernel kills it. */
  readonly availableBytes: number;
  /** Null where only the machine's own memory limits the process. */
  readonly limitBytes: number | null;
  readonly source: 'cgroup' | 'free memory';
}

export interface DiskFacts {
  readonly freeBytes: number;
  /** By artifacts. */
  readonly usedBytes: number;
  /** Why nothing can be written there; null where a probe was written. */
  readonly problem: string | null;
}

/** The worst of the last captures, per byte of heapUsed: a prediction must not be the mean. */
export interface LearnedCost {
  readonly captureCount: number;
  readonly headroomRatio: number;
  readonly pauseMsPerMib: number;
  readonly fileRatio: number;
}

export interface DrainFacts {
  /** A readiness probe or a hook of the app takes the instance out of service. */
  readonly isConfigured: boolean;
  /** The control thread answers the liveness probe, also while the main thread stands still. */
  readonly answersLiveness: boolean;
}

/** What happened so far. */
export interface CaptureState {
  readonly running: {
    readonly captureId: string;
    readonly kind: CaptureKind;
    readonly startedAtMs: number;
  } | null;
  /** Counted before the start, so one that killed the process counts too. */
  readonly attempts: readonly CaptureAttempt[];
  readonly lockouts: readonly Lockout[];
}

export interface CaptureAttempt {
  readonly kind: CaptureKind;
  readonly startedAtMs: number;
  /** The cooldown is of one instance, budgets are of all. */
  readonly instance: string;
}

/** A process died while it took this kind. */
export interface Lockout {
  readonly kind: CaptureKind;
  readonly sinceMs: number;
  readonly captureId: string;
}

/** Who asks. */
export interface CaptureRequest {
  /** Null where no alert asks. */
  readonly alertStartsAtMs: number | null;
  /** Kinds that the key may ask for; null for a key without limits, and for the signal. */
  readonly keyKinds: readonly CaptureKind[] | null;
}

export interface GuardInput {
  readonly kind: CaptureKind;
  readonly request: CaptureRequest;
  readonly facts: CaptureFacts;
  readonly policy: CapturePolicy;
  readonly state: CaptureState;
}

/** Judges one rung; null where the guard has nothing to say about the kind. */
export type Guard = (input: GuardInput) => GuardResult | null;

/** Kinds that build a heap snapshot, now or at their end, and so stop the isolate and take memory with its size. */
export const SNAPSHOT_KINDS: readonly CaptureKind[] = [
  'heap-snapshot',
  'allocation-timeline',
  'near-heap-limit',
];

/** https://tc39.es/ecma262/#sec-time-values-and-time-range */
const LAST_DATE_MS = 8.64e15;

export function guardResult(
  guard: string,
  isAllowed: boolean,
  {
    reason,
    numbers,
    retryAtMs = null,
  }: { reason: string; numbers: Record<string, number>; retryAtMs?: number | null },
): GuardResult {
  return {
    guard,
    outcome: isAllowed ? 'allowed' : 'refused',
    reason,
    numbers,
    // A wait of 280,000 years, set to mean never, ends at no date.
    retryAt: retryAtMs === null || retryAtMs > LAST_DATE_MS ? null : new Date(retryAtMs).toISOString(),
  };
}
