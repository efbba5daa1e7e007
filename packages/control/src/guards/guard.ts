import type { CaptureKind, GuardResult } from '@heapfloor/contract';
import type { ControlOptions } from '../options.ts';

/** What is known at the moment of deciding; gathered in one place, judged without a clock, disk or network. */
export interface CaptureFacts {
  readonly now: Date;
  readonly instance: string;
  /** Of the main isolate. */
  readonly heapUsedBytes: number;
  readonly rssBytes: number;
  /** Of the cgroup; null when there is none. */
  readonly memoryLimitBytes: number | null;
  /** What the process can still get: limit − rss, or less when the machine has less. */
  readonly memoryAvailableBytes: number;
  readonly diskFreeBytes: number;
  readonly running: { readonly captureId: string; readonly kind: CaptureKind } | null;
  /** Start of the last attempt of each kind, whether it succeeded or not. */
  readonly lastAttempts: Readonly<Partial<Record<CaptureKind, Date>>>;
}

export interface GuardInput {
  readonly kind: CaptureKind;
  readonly facts: CaptureFacts;
  readonly policy: ControlOptions;
  /** Heap snapshots wanted in one operation. */
  readonly snapshotCount: number;
}

export type Guard = (input: GuardInput) => GuardResult;

type Details = Partial<Pick<GuardResult, 'numbers' | 'retryAt'>>;

export function allow(guard: string, reason: string, details: Details = {}): GuardResult {
  return { guard, outcome: 'allowed', reason, numbers: {}, retryAt: null, ...details };
}

export function refuse(guard: string, reason: string, details: Details = {}): GuardResult {
  return { guard, outcome: 'refused', reason, numbers: {}, retryAt: null, ...details };
}
