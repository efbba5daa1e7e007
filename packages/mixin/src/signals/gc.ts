import {
  ATTR_V8JS_GC_TYPE,
  METRIC_GC_COUNT,
  METRIC_GC_LAST_MAJOR_AGE,
  METRIC_GC_PAUSE_TIME,
} from '@heapfloor/contract/metrics';
import { rateSignal, valueSignal } from './signal.ts';

export const GC_RATE = rateSignal({
  metric: METRIC_GC_COUNT,
  name: 'GC rate',
  unit: 'ops',
  description: 'Garbage collections per second.',
  splitBy: ATTR_V8JS_GC_TYPE,
});

export const GC_PAUSE_SHARE = rateSignal({
  metric: METRIC_GC_PAUSE_TIME,
  name: 'GC pause share',
  unit: 'percentunit',
  description: 'Share of time spent in garbage collection.',
  splitBy: ATTR_V8JS_GC_TYPE,
});

export const LAST_MAJOR_GC_AGE = valueSignal({
  metric: METRIC_GC_LAST_MAJOR_AGE,
  name: 'Age of the last major GC',
  unit: 's',
});
