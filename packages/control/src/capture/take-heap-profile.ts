import { setTimeout as delay } from 'node:timers/promises';
import type { ArtifactFile } from './artifact-file.ts';
import type { MainIsolate } from './main-isolate.ts';
import { measureStall, type Heart } from './measure-stall.ts';

/**
 * Mean bytes between two samples. V8's default is 512 KiB, made to run for ever; in 30 s of a leak of 1 MiB/s that
 * would be 60 samples. At 64 KiB it is 480.
 */
const SAMPLING_INTERVAL_BYTES = 64 * 1024;

/**
 * Who allocates what is still alive at the end; the main thread goes on meanwhile.
 * @returns the stall at the end alone: there V8 collects all garbage. What blocks the app in between is the app's own.
 */
export async function takeHeapProfile(
  isolate: MainIsolate,
  file: ArtifactFile,
  { durationMs, heart }: { durationMs: number; heart: Heart },
): Promise<number | null> {
  await assertNobodySamples(isolate);
  await isolate.send('HeapProfiler.startSampling', { samplingInterval: SAMPLING_INTERVAL_BYTES });
  await delay(durationMs);
  return measureStall(heart, async () => {
    const { profile } = await isolate.send<{ profile: object }>('HeapProfiler.stopSampling', {}, 60_000);
    file.write(JSON.stringify(profile));
  });
}

/** V8 has one sampler per isolate: stopping ours would stop that of the app's own profiler, and its data were lost. */
async function assertNobodySamples(isolate: MainIsolate): Promise<void> {
  const isSampling = await isolate.send('HeapProfiler.getSamplingProfile').then(
    () => true,
    () => false, // "was not started": the answer that is hoped for
  );
  if (isSampling) throw new Error('the app samples its heap itself; take the profile from its own profiler');
}
