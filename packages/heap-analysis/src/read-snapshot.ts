import { basename } from 'node:path';
import { buildGraph } from './graph/build-graph.ts';
import type { HeapGraph } from './graph/graph.ts';
import { ByteSource, inspectSourceFile } from './snapshot/byte-source.ts';
import { parseSnapshot } from './snapshot/parse-snapshot.ts';

export interface ReadSnapshotLimits {
  /** Refuse, before reading, what would need more memory than this. Default: no limit. */
  readonly memoryLimitBytes?: number;
}

/**
 * Reads a `.heapsnapshot`, also a gzipped one, as a stream.
 * @throws HeapAnalysisError that says at which byte the file is wrong.
 */
export async function readSnapshot(filePath: string, limits: ReadSnapshotLimits = {}): Promise<HeapGraph> {
  const file = await inspectSourceFile(filePath);
  const source = new ByteSource(file);
  try {
    const raw = await parseSnapshot(source, limits.memoryLimitBytes ?? Infinity);
    return buildGraph(raw, { fileName: basename(filePath), fileSizeBytes: file.fileSizeBytes });
  } finally {
    source.close();
  }
}
