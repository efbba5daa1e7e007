import {
  ATTR_V8JS_RESOURCE_TYPE,
  METRIC_NODEJS_EVENTLOOP_DELAY_MAX,
  METRIC_NODEJS_EVENTLOOP_DELAY_P50,
  METRIC_NODEJS_EVENTLOOP_DELAY_P99,
  METRIC_NODEJS_EVENTLOOP_UTILIZATION,
  METRIC_V8JS_RESOURCE_ACTIVE,
} from '@heapfloor/contract/metrics';
import { valueSignal } from './signal.ts';

export const EVENT_LOOP_UTILIZATION = valueSignal({
  metric: METRIC_NODEJS_EVENTLOOP_UTILIZATION,
  name: 'Event-loop utilization',
  unit: 'percentunit',
});

export const EVENT_LOOP_DELAY_P50 = valueSignal({
  metric: METRIC_NODEJS_EVENTLOOP_DELAY_P50,
  name: 'Event-loop delay p50',
  unit: 's',
});

export const EVENT_LOOP_DELAY_P99 = valueSignal({
  metric: METRIC_NODEJS_EVENTLOOP_DELAY_P99,
  name: 'Event-loop delay p99',
  unit: 's',
});

export const EVENT_LOOP_DELAY_MAX = valueSignal({
  metric: METRIC_NODEJS_EVENTLOOP_DELAY_MAX,
  name: 'Event-loop delay max',
  unit: 's',
});

export const ACTIVE_RESOURCES = valueSignal({
  metric: METRIC_V8JS_RESOURCE_ACTIVE,
  name: 'Active resources',
  unit: 'short',
  splitBy: ATTR_V8JS_RESOURCE_TYPE,
});
