import { ALL_METRICS, type InstrumentKind } from '@heapfloor/contract/metrics';
import { describe, expect, it } from 'vitest';
import { prometheusLabel, prometheusName } from './prometheus-names.ts';

/** Vectors of upstream's own tests and its documentation; [name, unit, instrument, expected]. */
const VECTORS: readonly (readonly [string, string, InstrumentKind, string])[] = [
  ['http.server.duration', 's', 'histogram', 'http_server_duration_seconds'],
  ['requests.count', '1', 'counter', 'requests_count_total'],
  ['memory.usage', 'By', 'gauge', 'memory_usage_bytes'],
  ['system.cpu.utilization', '1', 'gauge', 'system_cpu_utilization_ratio'],
  ['nodejs.eventloop.utilization', '1', 'gauge', 'nodejs_eventloop_utilization_ratio'],
  ['nodejs.eventloop.time', 's', 'counter', 'nodejs_eventloop_time_seconds_total'],
  ['nodejs.eventloop.delay.p99', 's', 'gauge', 'nodejs_eventloop_delay_p99_seconds'],
  ['v8js.memory.heap.space.available_size', 'By', 'gauge', 'v8js_memory_heap_space_available_size_bytes'],
  ['v8js.resource.active', '{resource}', 'gauge', 'v8js_resource_active'],
  ['heapfloor.gc.count', '{gc}', 'counter', 'heapfloor_gc_count_total'],
  ['heapfloor.heap.floor.growth', 'By/s', 'gauge', 'heapfloor_heap_floor_growth_bytes_per_second'],
  [
    'process.unix.file_descriptor.count',
    '{file_descriptor}',
    'updowncounter',
    'process_unix_file_descriptor_count',
  ],
  ['queue.share', '1', 'updowncounter', 'queue_share'],
  ['heap.used.bytes', 'By', 'gauge', 'heap_used_bytes'],
  ['requests.total.failed', '{request}', 'counter', 'requests_failed_total'],
];

describe('prometheusName', () => {
  it.each(VECTORS)('names %s (%s, %s) as Prometheus does: %s', (name, unit, instrument, expected) => {
    expect(prometheusName({ name, unit, instrument })).toBe(expected);
  });

  it('gives every metric of the contract a name of its own', () => {
    const names = ALL_METRICS.map(prometheusName);
    expect(new Set(names).size).toBe(ALL_METRICS.length);
    expect(names).toContain('heapfloor_heap_old_used_after_last_gc_bytes');
    expect(names).toContain('heapfloor_heap_floor_utilization_ratio');
    expect(names).toContain('heapfloor_heap_floor_breach_streak');
    expect(names).toContain('heapfloor_gc_pause_time_seconds_total');
  });
});

describe('prometheusLabel', () => {
  it('writes underscores for dots', () => {
    expect(prometheusLabel('heapfloor.breach.level')).toBe('heapfloor_breach_level');
  });
});
