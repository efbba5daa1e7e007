import type { Attributes } from '@opentelemetry/api';

/** Hands over one value of one metric, by its name in the contract. */
export type Observe = (metricName: string, value: number, attributes?: Attributes) => void;

/** Adds one value to a histogram of the contract. */
export type RecordValue = (metricName: string, value: number, attributes?: Attributes) => void;

/**
 * One subject of metrics. `observe` only reads: it resets nothing, so that several readers get the same truth, and
 * makes no attribute objects. `start` and `stop` work in any order, repeatedly.
 */
export interface Collector {
  readonly metricNames: readonly string[];
  start(): void;
  stop(): void;
  observe(observe: Observe): void;
  /** Once per window, by the one timer of the sampler: for what looks back, or costs too much at collection. */
  onWindow?(): void;
  /** Where histograms go from now on; null: nowhere. */
  connect?(record: RecordValue | null): void;
}
