import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import {
  METRIC_EVENTLOOP_BLOCKED_TIME,
  METRIC_NODEJS_EVENTLOOP_DELAY_MAX,
  METRIC_NODEJS_EVENTLOOP_DELAY_MIN,
  METRIC_NODEJS_EVENTLOOP_DELAY_P50,
  METRIC_NODEJS_EVENTLOOP_DELAY_P99,
} from '@heapfloor/contract/metrics';
import { bindCollectors } from '../../bind-collectors.ts';
import { blockLoop } from '../../testing/block-loop.ts';
import { createProvider, readCollectors, valueOf, type PullReader } from '../../testing/read-metrics.ts';
import { DelayWindow } from './delay-window.ts';
import { startDelaySource } from './delay-source.ts';
import { createEventLoopBlockedCollector } from './event-loop-blocked.ts';
import { createEventLoopDelayCollector } from './event-loop-delay.ts';

/** Both collectors over one window; the second starts it. */
function createBoth(startSource = () => startDelaySource(process.version)) {
  const delay = new DelayWindow(startSource);
  const blocked = createEventLoopBlockedCollector(delay);
  return { blocked, both: [createEventLoopDelayCollector(delay), blocked] };
}

const { blocked, both } = createBoth();
afterEach(() => blocked.stop());

async function read(reader: PullReader | undefined, name: string): Promise<number> {
  return valueOf((await reader?.read())?.get(name)) ?? -1;
}

function refuse(): never {
  throw new Error('not here');
}

describe('createEventLoopDelayCollector and createEventLoopBlockedCollector', () => {
  it('exports nothing before it is started, and never the 292 years of an empty histogram', async () => {
    expect((await readCollectors(createBoth().both)).size).toBe(0);
    blocked.start();
    const metrics = await readCollectors(both);
    expect(valueOf(metrics.get(METRIC_NODEJS_EVENTLOOP_DELAY_MIN)) ?? 0).toBeLessThan(10);
  });

  it('exports nothing where the delay cannot be measured', async () => {
    const broken = createBoth(refuse);
    expect(() => broken.blocked.start()).toThrow('not here');
    broken.blocked.onWindow?.();
    broken.blocked.stop();
    expect((await readCollectors(broken.both)).size).toBe(0);
  });

  it('tells two readers of a block the same, one after the other', async () => {
    const { provider, readers } = createProvider(2);
    bindCollectors(provider.getMeter('test'), both);
    blocked.start();
    await nextTurn();
    await readers[0]?.read();
    blockLoop(300);
    await expect
      .poll(async () => read(readers[0], METRIC_NODEJS_EVENTLOOP_DELAY_MAX), {
        timeout: 10_000,
        interval: 20,
      })
      .toBeGreaterThan(0.299);
    for (const name of [METRIC_NODEJS_EVENTLOOP_DELAY_MAX, METRIC_EVENTLOOP_BLOCKED_TIME]) {
      const first = await read(readers[0], name);
      expect(first).toBeGreaterThan(0.249);
      expect(await read(readers[1], name)).toBe(first);
    }
    const [p50, p99, max] = await Promise.all(
      [
        METRIC_NODEJS_EVENTLOOP_DELAY_P50,
        METRIC_NODEJS_EVENTLOOP_DELAY_P99,
        METRIC_NODEJS_EVENTLOOP_DELAY_MAX,
      ].map(async (name) => read(readers[1], name)),
    );
    expect(p50).toBeLessThan(0.299);
    expect(p99).toBeLessThanOrEqual(max ?? 0);
  });
});
