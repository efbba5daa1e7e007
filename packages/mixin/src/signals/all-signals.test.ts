import { ATTR_V8JS_GC_TYPE, METRIC_GC_COUNT, METRIC_HEAP_USED } from '@heapfloor/contract/metrics';
import { describe, expect, it } from 'vitest';
import { ALL_SIGNALS } from './all-signals.ts';
import { rateSignal, valueSignal } from './signal.ts';

const SCOPE = { matchers: 'job="a"', rateWindow: '1m' };

describe('valueSignal', () => {
  it('reads the metric under its Prometheus name, where it is asked to', () => {
    const signal = valueSignal({ metric: METRIC_HEAP_USED, name: 'heapUsed', unit: 'bytes' });
    expect(signal.promql(SCOPE)).toBe('heapfloor_heap_used_bytes{job="a"}');
    expect(signal.promql({ ...SCOPE, matchers: '' })).toBe('heapfloor_heap_used_bytes');
    expect(signal.description).toBe('Heap in use now, garbage included.');
  });

  it('refuses a metric that the contract does not declare', () => {
    expect(() => valueSignal({ metric: 'heap.typo', name: 'x', unit: 'short' })).toThrow(
      'no metric "heap.typo"',
    );
  });
});

describe('rateSignal', () => {
  it('takes the rate over the range it is given and keeps the attributes apart in the legend', () => {
    const signal = rateSignal({
      metric: METRIC_GC_COUNT,
      name: 'major GC rate',
      unit: 'ops',
      where: { [ATTR_V8JS_GC_TYPE]: 'major' },
      splitBy: ATTR_V8JS_GC_TYPE,
    });
    expect(signal.promql(SCOPE)).toBe('rate(heapfloor_gc_count_total{v8js_gc_type="major",job="a"}[1m])');
    expect(signal.legend).toBe('{{job}} {{instance}} {{v8js_gc_type}}');
  });
});

describe('ALL_SIGNALS', () => {
  it('has one name per signal', () => {
    const names = ALL_SIGNALS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
