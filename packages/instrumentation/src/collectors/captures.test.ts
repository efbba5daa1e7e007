import { channel, hasSubscribers } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from 'vitest';
import { CAPTURE_CHANNEL, type CaptureMessage } from '@heapfloor/contract/capture-channel';
import {
  METRIC_CAPTURE_COUNT,
  METRIC_CAPTURE_DURATION,
  METRIC_CAPTURE_STATE,
} from '@heapfloor/contract/metrics';
import { bindCollectors } from '../bind-collectors.ts';
import { createProvider, histogramOf, readCollectors, valueOf } from '../testing/read-metrics.ts';
import { createCapturesCollector } from './captures.ts';

let clockMs = 0;
const started: ReturnType<typeof createCapturesCollector>[] = [];
afterEach(() => {
  for (const collector of started.splice(0)) collector.stop();
});

function createStarted() {
  const collector = createCapturesCollector(() => clockMs);
  collector.start();
  started.push(collector);
  return collector;
}

function tell(...messages: readonly CaptureMessage[]): void {
  for (const message of messages) channel(CAPTURE_CHANNEL).publish(message);
}

describe('createCapturesCollector', () => {
  it('exports nothing before control is there, and zeros as soon as it is', async () => {
    const collector = createStarted();
    expect((await readCollectors([collector])).size).toBe(0);
    tell({ type: 'ready' });
    const metrics = await readCollectors([collector]);
    expect(valueOf(metrics.get(METRIC_CAPTURE_STATE))).toBe(0);
    for (const outcome of ['succeeded', 'failed', 'refused']) {
      expect(valueOf(metrics.get(METRIC_CAPTURE_COUNT), outcome)).toBe(0);
    }
  });

  it('says what runs, how captures ended and how long they took', async () => {
    const { provider, readers } = createProvider();
    const collector = createStarted();
    bindCollectors(provider.getMeter('test'), [collector]);
    clockMs = 1000;
    tell({ type: 'ready' }, { type: 'started', captureId: 'a' }, { type: 'started', captureId: 'b' });
    expect(valueOf((await readers[0]?.read())?.get(METRIC_CAPTURE_STATE))).toBe(2);
    clockMs = 3000;
    tell(
      { type: 'ended', captureId: 'a', outcome: 'succeeded' },
      { type: 'ended', captureId: 'c', outcome: 'refused' },
    );
    const seen = await readers[0]?.read();
    expect(valueOf(seen?.get(METRIC_CAPTURE_STATE))).toBe(1);
    expect(valueOf(seen?.get(METRIC_CAPTURE_COUNT), 'succeeded')).toBe(1);
    expect(valueOf(seen?.get(METRIC_CAPTURE_COUNT), 'refused')).toBe(1);
    expect(valueOf(seen?.get(METRIC_CAPTURE_COUNT), 'failed')).toBe(0);
    // A refused capture has no duration.
    const duration = histogramOf(seen?.get(METRIC_CAPTURE_DURATION));
    expect(duration).toMatchObject({ count: 1, sum: 2 });
    expect(duration?.buckets.boundaries[0]).toBe(0.1);
  });

  it('ignores what is no message, and never throws into the channel', async () => {
    const collector = createStarted();
    const throwing = {
      get type(): never {
        throw new Error('theirs');
      },
    };
    for (const message of [
      null,
      undefined,
      7,
      'ready',
      {},
      { type: 'begun' },
      { type: 'started' },
      { type: 'ended', captureId: 'a', outcome: 'lost' },
      { type: 'ended', outcome: 'failed' },
      throwing,
    ]) {
      channel(CAPTURE_CHANNEL).publish(message);
    }
    expect((await readCollectors([collector])).size).toBe(0);
  });

  it('takes any message for a sign of control: the first may have come too early', async () => {
    const collector = createStarted();
    tell({ type: 'ended', captureId: 'c', outcome: 'refused' });
    const metrics = await readCollectors([collector]);
    expect(valueOf(metrics.get(METRIC_CAPTURE_COUNT), 'refused')).toBe(1);
  });

  it('leaves the channel when it stops, and forgets what ran', async () => {
    const collector = createStarted();
    collector.start();
    tell({ type: 'started', captureId: 'a' });
    collector.stop();
    collector.stop();
    expect(hasSubscribers(CAPTURE_CHANNEL)).toBe(false);
    tell({ type: 'ended', captureId: 'a', outcome: 'failed' });
    collector.start();
    const metrics = await readCollectors([collector]);
    expect(valueOf(metrics.get(METRIC_CAPTURE_STATE))).toBe(0);
    expect(valueOf(metrics.get(METRIC_CAPTURE_COUNT), 'failed')).toBe(0);
  });

  it('does not grow without bound where no capture ends', async () => {
    const collector = createStarted();
    for (let id = 0; id < 300; id += 1) tell({ type: 'started', captureId: `${id}` });
    expect(valueOf((await readCollectors([collector])).get(METRIC_CAPTURE_STATE))).toBe(100);
  });
});
