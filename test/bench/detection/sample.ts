/** What the observer writes and the rules read. */
import type { FloorBreach } from '@heapfloor/contract/rule';

/**
 * Export interval of the bench, and so the span of the rule. The product's 15 s are longer than any healthy breach
 * that was measured (3.8 s); so are these 5 s, because the corpus declares its healthy breaches to last 1 to 4 s. A
 * healthy breach that lasts longer than the span is an alarm by definition, here and in the product.
 */
export const SAMPLE_INTERVAL_SECONDS = 5;

/** One line of the observer: what an exporter would have sent at that moment. */
export interface Sample {
  /** `sample`: at the interval. `flush`: at once, as the product does while a breach grows. */
  readonly kind: 'sample' | 'flush';
  /** Since the process began. */
  readonly seconds: number;
  /** How much later than planned: a starved process proves nothing about a rule. */
  readonly lateSeconds: number;
  readonly breach: FloorBreach;
  /** Null before the first major GC. */
  readonly floorBytes: number | null;
  readonly heapUsed: number;
  readonly arrayBuffers: number;
  /** The old-space limit. */
  readonly limitBytes: number;
}
