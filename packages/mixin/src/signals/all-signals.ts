import {
  ACTIVE_RESOURCES,
  EVENT_LOOP_DELAY_MAX,
  EVENT_LOOP_DELAY_P50,
  EVENT_LOOP_DELAY_P99,
  EVENT_LOOP_UTILIZATION,
} from './event-loop.ts';
import {
  BREACH_DURATION,
  BREACH_STREAK,
  CRITICAL_BREACH_STREAK,
  DISCARDED_SAMPLES,
  FLOOR,
  FLOOR_UTILIZATION,
} from './floor.ts';
import { GC_PAUSE_SHARE, GC_RATE, LAST_MAJOR_GC_AGE } from './gc.ts';
import {
  ARRAY_BUFFERS,
  EXTERNAL,
  HEAP_LIMIT,
  HEAP_TOTAL,
  HEAP_USED,
  OLD_SPACE_LIMIT,
  RSS,
} from './memory.ts';
import { EVERYWHERE, type Signal } from './signal.ts';

export const ALL_SIGNALS: readonly Signal[] = [
  FLOOR_UTILIZATION,
  FLOOR,
  OLD_SPACE_LIMIT,
  HEAP_LIMIT,
  BREACH_STREAK,
  CRITICAL_BREACH_STREAK,
  BREACH_DURATION,
  DISCARDED_SAMPLES,
  HEAP_USED,
  HEAP_TOTAL,
  RSS,
  EXTERNAL,
  ARRAY_BUFFERS,
  GC_RATE,
  GC_PAUSE_SHARE,
  LAST_MAJOR_GC_AGE,
  EVENT_LOOP_UTILIZATION,
  EVENT_LOOP_DELAY_P50,
  EVENT_LOOP_DELAY_P99,
  EVENT_LOOP_DELAY_MAX,
  ACTIVE_RESOURCES,
];

/** The README's table of signals. */
export function formatSignalsTable(): string {
  const rows = ALL_SIGNALS.map(
    (signal) =>
      `| ${signal.name} | ${signal.unit} | \`${signal.promql(EVERYWHERE)}\` | ${signal.description} |`,
  );
  return ['| signal | unit | PromQL | meaning |', '|---|---|---|---|', ...rows].join('\n');
}
