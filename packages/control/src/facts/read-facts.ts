import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { CaptureCommand } from '@heapfloor/contract';
import { measureEventLoopDelayMs, type MainIsolate } from '../capture/main-isolate.ts';
import type { CaptureFacts, DrainFacts, LearnedCost } from '../guards/guard.ts';
import { readDisk } from './read-disk.ts';
import { readMemory } from './read-memory.ts';

export interface FactsContext {
  readonly command: Pick<CaptureCommand, 'isolate'>;
  /** Of each isolate that the command asks for; at least one. */
  readonly heapUsedBytes: readonly number[];
  readonly artifactDirectory: string;
  readonly base: string;
  readonly killSwitchFile: string | null;
  readonly learned: LearnedCost | null;
  readonly drain: DrainFacts;
}

/** A main thread whose loop does not turn within this is called blocked. Unit: ms. */
export const EVENT_LOOP_TIMEOUT_MS = 2_000;
/** For the load of the main loop: long enough for a few requests, short enough for who waits for the verdict. Unit: ms. */
const LOAD_WINDOW_MS = 500;

/** What is known of the process right now. */
export async function readFacts(isolate: MainIsolate, context: FactsContext): Promise<CaptureFacts> {
  const rssBytes = process.memoryUsage.rss();
  const [heapLimitBytes, eventLoopUtilizationRatio, memory, disk] = await Promise.all([
    readNumber(isolate, HEAP_LIMIT),
    readLoad(isolate),
    readMemory(rssBytes),
    readDisk(context.artifactDirectory, context.base),
  ]);
  // Afterwards: its own callback would count as load.
  const eventLoopDelayMs = await measureEventLoopDelayMs(isolate, EVENT_LOOP_TIMEOUT_MS);
  const { killSwitchFile, learned, drain, command } = context;
  return {
    nowMs: Date.now(),
    uptimeMs: process.uptime() * 1000,
    killSwitch: killSwitchFile !== null && existsSync(killSwitchFile) ? `file ${killSwitchFile}` : null,
    // Added up: each isolate's snapshot is built in its own thread, whose allocator keeps the memory.
    heapUsedBytes: context.heapUsedBytes.reduce((sum, bytes) => sum + bytes, 0),
    pausesMain: command.isolate === 'main' || command.isolate === 'all',
    heapLimitBytes: heapLimitBytes ?? 0,
    rssBytes,
    memory,
    disk,
    eventLoopDelayMs,
    eventLoopUtilizationRatio,
    learned,
    drain,
    reusableBytes: 0,
    eventLoopTimeoutMs: EVENT_LOOP_TIMEOUT_MS,
  };
}

/** Constants: nothing that comes over the wire is ever evaluated. Not the globals, which an app can replace. */
const HEAP_LIMIT = `process.getBuiltinModule('node:v8').getHeapStatistics().heap_size_limit`;
const ACTIVE_MS = `process.getBuiltinModule('node:perf_hooks').performance.eventLoopUtilization().active`;

/** Share of a short window in which the main loop was busy; an interrupt reads it, so also while it is blocked. */
async function readLoad(isolate: MainIsolate): Promise<number | null> {
  const beganMs = performance.now();
  const before = await readNumber(isolate, ACTIVE_MS);
  await delay(LOAD_WINDOW_MS);
  const after = await readNumber(isolate, ACTIVE_MS);
  if (before === null || after === null) return null;
  return Math.min(1, Math.max(0, (after - before) / (performance.now() - beganMs)));
}

async function readNumber(isolate: MainIsolate, expression: string): Promise<number | null> {
  const params = { expression, returnByValue: true };
  const answer = await isolate
    .send<{ result: { value?: unknown } }>('Runtime.evaluate', params)
    .catch(() => null);
  const value = answer?.result.value;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
