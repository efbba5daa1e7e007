import type { ArtifactFile } from './artifact-file.ts';
import { measureEventLoopDelayMs, type IsolateChannel } from './main-isolate.ts';
import { timeBox } from './time-box.ts';

export interface CpuProfileOptions {
  readonly durationMs: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
  /** Longest wait for the profile after its end. */
  readonly timeoutMs?: number;
}

/** A loop that does not turn within this is taken for stuck. Unit: ms. */
const LOOP_TIMEOUT_MS = 500;
/** V8's own default, and DevTools'. Unit: µs. */
const INTERVAL_US = 1_000;
/**
 * V8 limits nothing over the inspector. `research/capture.md` §6 guard 30: 100,000 samples; a profile of that many is some
 * MB of JSON. Longer profiles sample less often.
 */
const MAX_SAMPLE_COUNT = 100_000;

/**
 * What an isolate does, also while its loop is blocked by an endless loop: V8 samples from a thread of its own. A session's
 * profiler is apart from those of other sessions and of `v8.startCpuProfile`, which go on.
 */
export async function takeCpuProfile(
  isolate: IsolateChannel,
  file: ArtifactFile,
  { durationMs, signal, timeoutMs = 60_000 }: CpuProfileOptions,
): Promise<void> {
  const isStuck = (await measureEventLoopDelayMs(isolate, LOOP_TIMEOUT_MS)) === null;
  await isolate.send('Profiler.enable');
  try {
    await isolate.send('Profiler.setSamplingInterval', { interval: samplingIntervalUs(durationMs) });
    await isolate.send('Profiler.start');
    if (isStuck) await revealRunningLoops(isolate);
    await timeBox(durationMs, signal);
    const { profile } = await isolate.send<{ profile: object }>('Profiler.stop', {}, timeoutMs);
    file.write(JSON.stringify(profile));
  } finally {
    // Ends the sampling where `stop` was not reached. An isolate that has ended needs no more.
    await isolate.send('Profiler.disable').catch(() => {});
  }
}

/**
 * A loop that runs since before the start runs in code that V8 compiled in the midst of it (on-stack replacement), which is
 * not among what the profiler learns at its start: every sample of it is given to its caller, `listOnTimeout` say (Node 22, 24
 * and 26). Precise coverage throws away all optimized code, and the new code is known. It costs 3 to 18 ms, 250 ms on a heap
 * of 250 MB, and some time until the code is fast again; hence only for a loop that does not turn. In one that turns, a long loop that was
 * compiled so before may still be given to its caller.
 */
async function revealRunningLoops(isolate: IsolateChannel): Promise<void> {
  await isolate.send('Profiler.startPreciseCoverage', { callCount: false, detailed: false });
  await isolate.send('Profiler.stopPreciseCoverage');
}

export function samplingIntervalUs(durationMs: number): number {
  return Math.max(INTERVAL_US, Math.ceil((durationMs * 1_000) / MAX_SAMPLE_COUNT));
}
