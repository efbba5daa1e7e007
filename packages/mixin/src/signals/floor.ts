import {
  ATTR_BREACH_LEVEL,
  ATTR_DISCARD_REASON,
  METRIC_FLOOR_BREACH_DURATION,
  METRIC_FLOOR_BREACH_STREAK,
  METRIC_FLOOR_SAMPLE_DISCARDED,
  METRIC_FLOOR_UTILIZATION,
  METRIC_HEAP_FLOOR,
} from '@heapfloor/contract/metrics';
import { rateSignal, valueSignal } from './signal.ts';

export const FLOOR_UTILIZATION = valueSignal({
  metric: METRIC_FLOOR_UTILIZATION,
  name: 'Floor utilization',
  unit: 'percentunit',
});

export const FLOOR = valueSignal({ metric: METRIC_HEAP_FLOOR, name: 'Floor', unit: 'bytes' });

export const BREACH_STREAK = valueSignal({
  metric: METRIC_FLOOR_BREACH_STREAK,
  name: 'Breach streak',
  unit: 'short',
  where: { [ATTR_BREACH_LEVEL]: 'warning' },
});

export const CRITICAL_BREACH_STREAK = valueSignal({
  metric: METRIC_FLOOR_BREACH_STREAK,
  name: 'Critical breach streak',
  unit: 'short',
  where: { [ATTR_BREACH_LEVEL]: 'critical' },
});

export const BREACH_DURATION = valueSignal({
  metric: METRIC_FLOOR_BREACH_DURATION,
  name: 'Breach duration',
  unit: 's',
});

export const DISCARDED_SAMPLES = rateSignal({
  metric: METRIC_FLOOR_SAMPLE_DISCARDED,
  name: 'Discarded floor samples',
  unit: 'ops',
  splitBy: ATTR_DISCARD_REASON,
});
