import type { ArtifactFile } from './artifact-file.ts';
import type { MainIsolate } from './main-isolate.ts';

/** The main thread stands still while V8 builds the snapshot; this thread writes the chunks as they come. */
export async function takeHeapSnapshot(
  isolate: MainIsolate,
  file: ArtifactFile,
  timeoutMs: number,
): Promise<void> {
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
  await isolate.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false }, timeoutMs);
  if (failure !== undefined) throw failure;
  if (end !== '}') throw new Error('V8 ended the heap snapshot before its closing brace');
}
