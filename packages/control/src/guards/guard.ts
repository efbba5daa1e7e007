import type { CaptureKind, GuardResult } from '@heapfloor/contract';

/** What an operator decided; frozen from the start on. */
export interface CapturePolicy {
  readonly instance: string;
  readonly enabledKinds: readonly CaptureKind[];
  readonly cooldownMs: Readonly<Record<CaptureKind, number>>;
  readonly heapCeilingBytes: number;
  readonly headroomRatio: number;
  readonly headroomMarginRatio: number;
  readonly freeDiskRatio: number;
}

/** What was measured for this decision. */
export interface CaptureFacts {
  /** Epoch, so that a verdict can name the time it was made at. */
  readonly nowMs: number;
  /** Of the main isolate. */
  readonly heapUsedBytes: number;
  /** Of the whole process. */
  readonly rssBytes: number;
  readonly memory: MemoryFacts;
  /** rss that an earlier snapshot of the same operation left with the allocator; the next one takes it again. */
  readonly reusableBytes: number;
  /** Where the artifacts go. */
  readonly diskFreeBytes: number;
  /** How long the main event loop took to answer; null when it did not within `eventLoopTimeoutMs`. */
  readonly eventLoopDelayMs: number | null;
  readonly eventLoopTimeoutMs: number;
}

export interface MemoryFacts {
  /** What the process may still take before the kernel kills it. */
  readonly availableBytes: number;
  /** Null where only the machine's own memory limits the process. */
  readonly limitBytes: number | null;
  readonly source: 'constrained memory' | 'free memory';
}

/** What happened so far in this instance. */
export interface CaptureState {
  readonly running: {
    readonly captureId: string;
    readonly kind: CaptureKind;
    readonly startedAtMs: number;
  } | null;
  /** Counted before the start, so one that killed the process counts too. */
  readonly attempts: readonly { readonly kind: CaptureKind; readonly startedAtMs: number }[];
}

export interface GuardInput {
  readonly kind: CaptureKind;
  readonly facts: CaptureFacts;
  readonly policy: CapturePolicy;
  readonly state: CaptureState;
}

/** Judges one rung; null where the guard has nothing to say about the kind. */
export type Guard = (input: GuardInput) => GuardResult | null;

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
    retryAt: retryAtMs === null ? null : new Date(retryAtMs).toISOString(),
  };
}
