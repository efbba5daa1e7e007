import {
  METRIC_HEAP_LIMIT,
  METRIC_HEAP_OLD_LIMIT,
  METRIC_HEAP_TOTAL,
  METRIC_HEAP_USED,
  METRIC_MEMORY_ARRAY_BUFFERS,
  METRIC_MEMORY_EXTERNAL,
  METRIC_PROCESS_MEMORY_USAGE,
} from '@heapfloor/contract/metrics';
import { valueSignal } from './signal.ts';

export const OLD_SPACE_LIMIT = valueSignal({
  metric: METRIC_HEAP_OLD_LIMIT,
  name: 'Old-space limit',
  unit: 'bytes',
});

export const HEAP_LIMIT = valueSignal({ metric: METRIC_HEAP_LIMIT, name: 'heap_size_limit', unit: 'bytes' });

export const HEAP_USED = valueSignal({ metric: METRIC_HEAP_USED, name: 'heapUsed', unit: 'bytes' });

export const HEAP_TOTAL = valueSignal({ metric: METRIC_HEAP_TOTAL, name: 'heapTotal', unit: 'bytes' });

export const RSS = valueSignal({ metric: METRIC_PROCESS_MEMORY_USAGE, name: 'rss', unit: 'bytes' });

export const EXTERNAL = valueSignal({ metric: METRIC_MEMORY_EXTERNAL, name: 'external', unit: 'bytes' });

export const ARRAY_BUFFERS = valueSignal({
  metric: METRIC_MEMORY_ARRAY_BUFFERS,
  name: 'arrayBuffers',
  unit: 'bytes',
});
