import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import {
  METRIC_NODEJS_EVENTLOOP_TIME,
  METRIC_NODEJS_EVENTLOOP_UTILIZATION,
} from '@heapfloor/contract/metrics';
import { blockLoop } from '../../testing/block-loop.ts';
import { readCollectors, valueOf } from '../../testing/read-metrics.ts';
import { createEventLoopUtilizationCollector } from './event-loop-utilization.ts';

const collector = createEventLoopUtilizationCollector();
afterEach(() => collector.stop());
const read = async () => readCollectors([collector]);

describe('createEventLoopUtilizationCollector', () => {
  it('exports time by state, which only grows', async () => {
    collector.start();
    const first = await read();
    blockLoop(100);
    await nextTurn();
    const second = await read();
    const [before = 0, after = 0] = [first, second].map((metrics) =>
      valueOf(metrics.get(METRIC_NODEJS_EVENTLOOP_TIME), 'active'),
    );
    expect(after - before).toBeGreaterThan(0.099);
    expect(valueOf(second.get(METRIC_NODEJS_EVENTLOOP_TIME), 'idle')).toBeGreaterThanOrEqual(0);
  });

  it('exports the utilization of the last one to two windows', async () => {
    collector.start();
    blockLoop(300);
    await nextTurn();
    const busy = valueOf((await read()).get(METRIC_NODEJS_EVENTLOOP_UTILIZATION)) ?? 0;
    expect(busy).toBeGreaterThan(0.9);
    expect(busy).toBeLessThanOrEqual(1);
    collector.onWindow?.();
    expect(valueOf((await read()).get(METRIC_NODEJS_EVENTLOOP_UTILIZATION))).toBeGreaterThan(0.9);
    collector.onWindow?.();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(valueOf((await read()).get(METRIC_NODEJS_EVENTLOOP_UTILIZATION))).toBeLessThan(0.4);
  });
});
