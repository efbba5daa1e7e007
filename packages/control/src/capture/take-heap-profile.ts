import type { ArtifactFile } from './artifact-file.ts';
import type { IsolateChannel } from './main-isolate.ts';
import { measureStall, type Heart } from './measure-stall.ts';
import { timeBox } from './time-box.ts';

export interface HeapProfileOptions {
  readonly durationMs: number;
  /** Of the main thread; null for a worker, whose stall nobody measures. */
  readonly heart: Heart | null;
  /** Ends it early. */
  readonly signal?: AbortSignal;
  /** Mean bytes between two samples. */
  readonly samplingIntervalBytes?: number;
  /** Longest wait for the profile after its end. */
  readonly timeoutMs?: number;
}

/**
 * V8's default is 512 KiB, made to run for ever; in 30 s of a leak of 1 MiB/s that would be 60 samples. At 64 KiB it is
 * 480. V8 keeps the samples of living objects alone, so their number is bounded by the heap: 65,536 in 4 GiB.
 */
const SAMPLING_INTERVAL_BYTES = 64 * 1024;
/** Below it the sampler itself becomes the load. */
const MIN_SAMPLING_INTERVAL_BYTES = 16 * 1024;

/**
 * Who allocates what is still alive at the end; the isolate goes on meanwhile.
 * @returns the stall at the end alone: there V8 collects all garbage. What blocks the app in between is the app's own.
 */
export async function takeHeapProfile(
  isolate: IsolateChannel,
  file: ArtifactFile,
  {
    durationMs,
    heart,
    signal,
    samplingIntervalBytes = SAMPLING_INTERVAL_BYTES,
    timeoutMs = 60_000,
  }: HeapProfileOptions,
): Promise<number | null> {
  await assertNobodySamples(isolate);
  const samplingInterval = Math.max(MIN_SAMPLING_INTERVAL_BYTES, samplingIntervalBytes);
  await isolate.send('HeapProfiler.startSampling', { samplingInterval });
  await timeBox(durationMs, signal);
  const stop = async (): Promise<void> => {
    const { profile } = await isolate.send<{ profile: object }>('HeapProfiler.stopSampling', {}, timeoutMs);
    file.write(JSON.stringify(profile));
  };
  if (heart !== null) return measureStall(heart, stop);
  await stop();
  return null;
}

/** V8 has one sampler per isolate: stopping ours would stop that of the app's own profiler, and its data were lost. */
async function assertNobodySamples(isolate: IsolateChannel): Promise<void> {
  const isSampling = await isolate.send('HeapProfiler.getSamplingProfile').then(
    () => true,
    () => false, // "was not started": the answer that is hoped for
  );
  if (isSampling) throw new Error('the app samples its heap itself; take the profile from its own profiler');
}
