import type { ArtifactFile } from './artifact-file.ts';
import type { MainIsolate } from './main-isolate.ts';

/** Longer than any pause that the guards let through (512 MiB at 170 ms per MB), for a loaded machine. */
const SNAPSHOT_TIMEOUT_MS = 10 * 60_000;

/** The main thread stands still while V8 builds the snapshot; this thread writes the chunks as they come. */
export async function takeHeapSnapshot(isolate: MainIsolate, file: ArtifactFile): Promise<void> {
  let end = '';
  let failure: unknown;
  isolate.onChunk((chunk) => {
    try {
      file.write(chunk);
      end = chunk.trimEnd().at(-1) ?? end;
    } catch (error) {
      failure ??= error; // thrown here it would be lost in the inspector
    }
  });
  await isolate.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false }, SNAPSHOT_TIMEOUT_MS);
  if (failure !== undefined) throw failure;
  if (end !== '}') throw new Error('V8 ended the heap snapshot before its closing brace');
}
