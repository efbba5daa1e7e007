import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CaptureRecord } from '@heapfloor/contract';
import { DemoError } from '../errors.ts';
import type { Progress } from '../terminal/progress.ts';
import { startLoad, type Load } from './load.ts';
import { narrateAlert, narrateCapture, narrateFloor, narrateSuspect } from './narrate.ts';
import { createReceiverClient, type ReceiverClient } from './receiver-client.ts';
import { startDemoReceiver } from './start-demo-receiver.ts';
import { startShop } from './start-shop.ts';

export interface DemoOptions {
  /** Port of the receiver; 0 takes a free one. */
  readonly port: number;
  readonly limitMiB: number;
  readonly requestsPerSecond: number;
  /** The demo's own directory, 0700. */
  readonly workDirectory: string;
  readonly deadlineMs: number;
}

export interface DemoRun {
  readonly record: CaptureRecord;
  readonly artifactDirectory: string;
  readonly reportUrl: string;
  /** Ends everything that the demo started. */
  readonly stop: () => Promise<void>;
}

const INSTANCE = 'shop-1';
const EXPORT_INTERVAL_MS = 1_000;
const POLL_MS = 500;
const FINAL_STATES: readonly CaptureRecord['state'][] = ['succeeded', 'downgraded', 'refused', 'failed'];

/** The whole loop on one machine: leaking shop, load, rule, alert, guarded capture, report. */
export async function runDemo(
  options: DemoOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<DemoRun> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    // One that fails must not keep the others from ending.
    const ended = await Promise.allSettled(
      stops
        .splice(0)
        .toReversed()
        .map(async (end) => end()),
    );
    const failed = ended.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };
  try {
    const receiver = await startDemoReceiver({
      ...options,
      instance: INSTANCE,
      minSpanSeconds: EXPORT_INTERVAL_MS / 1000,
    });
    stops.push(receiver.close);
    progress.step('receiver', receiver.url);
    const shop = await startShop({
      limitMiB: options.limitMiB,
      receiverUrl: receiver.url,
      instance: INSTANCE,
      controlAddress: receiver.controlAddress,
      publicKeyFile: receiver.publicKeyFile,
      artifactDirectory: join(options.workDirectory, 'shop'),
      exportIntervalMs: EXPORT_INTERVAL_MS,
    });
    stops.push(shop.stop);
    progress.step(
      'shop started',
      `pid ${shop.pid} · limit ${options.limitMiB} MiB (--max-old-space-size) · control on a Unix socket`,
    );
    const load = startLoad(shop.url, options.requestsPerSecond);
    stops.push(load.stop);
    progress.step('load running', `${options.requestsPerSecond} requests/s, none of them with a cookie`);
    const client = createReceiverClient(receiver.url);
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(options.deadlineMs)]);
    const record = await Promise.race([watch(client, load, progress, deadline), shop.died]);
    return {
      record,
      artifactDirectory: receiver.artifactDirectory(record.id),
      reportUrl: `${receiver.url}/captures/${record.id}`,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function watch(
  client: ReceiverClient,
  load: Load,
  progress: Progress,
  deadline: AbortSignal,
): Promise<CaptureRecord> {
  const alerted = await watchFloor(client, progress, deadline);
  progress.step('alert', narrateAlert(alerted));
  const done = await watchCapture(client, load, progress, deadline);
  if (done.state === 'failed' || done.report === null) {
    const why =
      done.error === null
        ? (done.verdict?.explanation ?? 'no reason given')
        : `${done.error.code}: ${done.error.message}`;
    throw new DemoError(
      'CLI_DEMO_CAPTURE_FAILED',
      `the capture ended as '${done.state}' without a report: ${why}`,
    );
  }
  if (done.report.suspect === null) progress.step('explained', 'no suspect found');
  else {
    const [what, who] = narrateSuspect(done.report.suspect);
    progress.step('explained', what);
    progress.note(who);
  }
  return done;
}

async function watchFloor(
  client: ReceiverClient,
  progress: Progress,
  deadline: AbortSignal,
): Promise<CaptureRecord> {
  const startedAt = Date.now();
  const history: number[] = [];
  for (;;) {
    const record = await client.readLatestCapture();
    if (record !== null) return record;
    const view = await client.readInstance(INSTANCE);
    if (view !== null && view.floorRatio !== null) history.push(view.floorRatio);
    progress.live(...narrateFloor(view, history, Date.now() - startedAt));
    await pause(deadline, 'no alert came');
  }
}

async function watchCapture(
  client: ReceiverClient,
  load: Load,
  progress: Progress,
  deadline: AbortSignal,
): Promise<CaptureRecord> {
  const startedAt = Date.now();
  const told = { verdict: false, captured: false };
  for (;;) {
    const record = await client.readLatestCapture();
    if (record !== null) {
      if (record.verdict !== null && !told.verdict) {
        progress.step('verdict', record.verdict.explanation);
        told.verdict = true;
      }
      if (record.artifacts.length > 0 && !told.captured) {
        // Enough is known: without load the shop lives on, and its page can be looked at.
        await load.stop();
        progress.step('captured', narrateCapture(record, load.failedCount));
        told.captured = true;
      }
      if (FINAL_STATES.includes(record.state)) return record;
    }
    progress.live(
      told.captured ? 'analysing' : 'capturing',
      `${Math.round((Date.now() - startedAt) / 1000)} s`,
    );
    await pause(deadline, 'the capture did not end');
  }
}

async function pause(deadline: AbortSignal, what: string): Promise<void> {
  try {
    await delay(POLL_MS, undefined, { signal: deadline });
  } catch (error) {
    throw new DemoError('CLI_DEMO_TIMEOUT', `${what} before the demo was ended or its time was up`, error);
  }
}
