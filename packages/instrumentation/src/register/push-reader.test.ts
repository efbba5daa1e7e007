import { AsyncLocalStorage } from 'node:async_hooks';
import { stat } from 'node:fs';
import { createRequire } from 'node:module';
import { context, type Context, type ContextManager, ROOT_CONTEXT } from '@opentelemetry/api';
import {
  AggregationTemporality,
  AggregationType,
  MeterProvider,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { blockLoop } from '../testing/block-loop.ts';
import type { Exporter } from './create-exporter.ts';
import type { ExportFailure } from './export-failure.ts';
import { PushReader } from './push-reader.ts';

afterEach(() => {
  vi.useRealTimers();
  context.disable();
});

type Answer = Parameters<Exporter['export']>[1];

/** A reader with one counter that counts collections, and an exporter that answers when it is told to. */
function create(intervalMs: number | null = null, timeoutMs = 1000) {
  const exported: number[] = [];
  const answers: Answer[] = [];
  const results: (ExportFailure | null)[] = [];
  const onExport = vi.fn<() => void>();
  const abort = vi.fn<() => void>();
  const exporter: Exporter = {
    export({ scopeMetrics }: ResourceMetrics, answer: Answer) {
      exported.push(Number(scopeMetrics[0]?.metrics[0]?.dataPoints[0]?.value));
      answers.push(answer);
      onExport();
    },
    abort,
    forceFlush: async () => {},
    shutdown: async () => {},
    selectAggregation: () => ({ type: AggregationType.DEFAULT }),
    selectAggregationTemporality: () => AggregationTemporality.CUMULATIVE,
  };
  const reader = new PushReader({
    exporter,
    intervalMs,
    timeoutMs,
    onResult: (one) => void results.push(one),
  });
  const provider = new MeterProvider({ readers: [reader] });
  let collections = 0;
  provider
    .getMeter('test')
    .createObservableCounter('collections')
    .addCallback((result) => result.observe((collections += 1)));
  const answer = (code: 0 | 1, error?: Error): void =>
    answers.shift()?.(error === undefined ? { code } : { code, error });
  return { reader, provider, abort, exported, results, answer, onExport };
}

/** Waits for the nth export. */
async function exportsOf({ exported }: { exported: readonly number[] }, count: number): Promise<void> {
  await vi.waitFor(() => expect(exported.length).toBe(count), { timeout: 5000, interval: 5 });
}

describe('PushReader', () => {
  it('exports at its interval, one at a time', async () => {
    const pushed = create(20);
    await exportsOf(pushed, 1);
    await pushed.reader.push();
    expect(pushed.exported).toEqual([1]);
    pushed.answer(0);
    await exportsOf(pushed, 2);
    await pushed.provider.shutdown();
    expect(pushed.results).toEqual([null]);
  });

  it('tells of a failure with and without a reason, of what throws, and of no answer', async () => {
    const pushed = create(null, 50);
    const push = async (answer: () => void): Promise<void> => {
      const done = pushed.reader.push();
      await exportsOf(pushed, pushed.exported.length + 1);
      answer();
      await done;
    };
    await push(() => pushed.answer(1, new Error('no')));
    await push(() => pushed.answer(1));
    await push(() => {});
    pushed.onExport.mockImplementation(() => {
      throw new Error('a broken exporter');
    });
    await push(() => {});
    expect(pushed.results.map((one) => [one?.type, one?.reason])).toEqual([
      ['other', 'no'],
      ['other', 'failed without a reason'],
      ['timeout', 'no answer within 50 ms'],
      ['other', 'a broken exporter'],
    ]);
    // What got no answer.
    expect(pushed.abort).toHaveBeenCalledTimes(1);
  });

  it('flushes behind what is on its way, with what is true then', async () => {
    const pushed = create();
    const pushing = pushed.reader.push();
    await exportsOf(pushed, 1);
    const flushing = pushed.reader.forceFlush();
    pushed.answer(0);
    await exportsOf(pushed, 2);
    pushed.answer(0);
    await Promise.all([pushing, flushing]);
    expect(pushed.exported).toEqual([1, 2]);
    expect(pushed.results).toEqual([null, null]);
  });

  it('takes an answer that came while the loop was blocked for too long', async () => {
    const pushed = create(null, 50);
    pushed.onExport.mockImplementation(() => {
      stat(import.meta.filename, () => pushed.answer(0));
      setImmediate(() => blockLoop(150));
    });
    await pushed.reader.push();
    expect(pushed.results).toEqual([null]);
    expect(pushed.abort).not.toHaveBeenCalled();
  });

  it('exports nothing when and after it is shut down', async () => {
    const pushed = create(20);
    await pushed.provider.shutdown();
    await pushed.reader.push();
    await pushed.reader.forceFlush();
    // Another one at the same interval shows that its time has come.
    const other = create(20);
    await exportsOf(other, 1);
    expect(pushed.exported).toEqual([]);
    expect(pushed.results).toEqual([]);
  });

  it('survives a listener that throws', async () => {
    const pushed = create();
    vi.spyOn(pushed.results, 'push').mockImplementation(() => {
      throw new Error('of a logger of the app');
    });
    const pushing = pushed.reader.push();
    await exportsOf(pushed, 1);
    pushed.answer(0);
    await expect(pushing).resolves.toBeUndefined();
  });

  it('goes on where a test of the app has replaced the timers', async () => {
    vi.useFakeTimers();
    const pushed = create(20);
    expect(vi.getTimerCount()).toBe(0);
    await new Promise<void>((resolve) => pushed.onExport.mockImplementation(resolve));
    expect(vi.getTimerCount()).toBe(0);
    await pushed.provider.shutdown();
  });

  it('exports where nothing is traced, whoever asks for it', async () => {
    context.setGlobalContextManager(createContextManager());
    const { isTracingSuppressed } = loadCore();
    const pushed = create();
    const seen: boolean[] = [];
    pushed.onExport.mockImplementation(() => void seen.push(isTracingSuppressed(context.active())));
    const pushing = pushed.reader.push();
    await exportsOf(pushed, 1);
    pushed.answer(0);
    await pushing;
    expect(seen).toEqual([true]);
    expect(isTracingSuppressed(context.active())).toBe(false);
  });
});

/** The SDK's own question; its package is not ours, but the SDK's. */
function loadCore(): { isTracingSuppressed: (context: Context) => boolean } {
  const { resolve } = createRequire(import.meta.url);
  return createRequire(resolve('@opentelemetry/sdk-metrics'))('@opentelemetry/core');
}

function createContextManager(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, work, self, ...args) => storage.run(active, () => work.call(self, ...args)),
    bind: (_, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}
