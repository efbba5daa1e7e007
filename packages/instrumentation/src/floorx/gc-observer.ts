import { PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';
import { realClock } from '../collectors/real-clock.ts';
import { quietly } from '../quietly.ts';

/** Kinds of `perf_hooks.constants.NODE_PERFORMANCE_GC_*`; 2 (`MINOR_MARK_SWEEP`) has no constant on Node 22. */
export type GcType = 'major' | 'minor' | 'incremental' | 'weakcb';

export interface GcEntry {
  readonly type: GcType;
  readonly endMs: number;
  readonly durationMs: number;
}

export type GcListener = (entries: readonly GcEntry[], nowMs: number) => void;

/**
 * Reports garbage collections in the batches in which Node delivers them: all entries, because one callback can carry
 * ten. Each major GC also brings an `incremental` entry; only `major` counts as one.
 */
export class GcObserver {
  readonly #listener: GcListener;
  #observer: PerformanceObserver | null = null;

  constructor(listener: GcListener) {
    this.#listener = listener;
  }

  start(): void {
    if (this.#observer !== null) return;
    const observer = new PerformanceObserver((list) => {
      // First of all: lateness decides whether the heap can still be read.
      const nowMs = realClock.nowMs();
      quietly('reading a gc entry', () => this.#listener(list.getEntries().map(toGcEntry), nowMs));
    });
    observer.observe({ entryTypes: ['gc'] });
    this.#observer = observer;
  }

  stop(): void {
    this.#observer?.disconnect();
    this.#observer = null;
  }
}

function toGcEntry(entry: PerformanceEntry): GcEntry {
  const { kind } = (entry as PerformanceEntry & { readonly detail: { readonly kind: number } }).detail;
  return { type: gcType(kind), endMs: entry.startTime + entry.duration, durationMs: entry.duration };
}

function gcType(kind: number): GcType {
  if (kind === 4) return 'major';
  if (kind === 8) return 'incremental';
  return kind === 16 ? 'weakcb' : 'minor';
}
