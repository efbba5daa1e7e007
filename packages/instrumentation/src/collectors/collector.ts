import type { Attributes } from '@opentelemetry/api';

/** Hands over one value of one metric, by its name in the contract. */
export type Observe = (metricName: string, value: number, attributes?: Attributes) => void;

/**
 * One subject of metrics. `observe` only reads: it resets nothing, so that several readers get the same truth.
 * `start` and `stop` work in any order, repeatedly.
 */
export interface Collector {
  readonly metricNames: readonly string[];
  start(): void;
  stop(): void;
  observe(observe: Observe): void;
}
