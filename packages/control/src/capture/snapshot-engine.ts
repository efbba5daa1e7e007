import type { Isolate } from './isolates.ts';
import { writeSnapshotTo } from './write-snapshot.ts';

export interface SnapshotRequest {
  readonly isolate: Pick<Isolate, 'isolate' | 'evaluate'>;
  /** A reserved file; see `ReservedFile`. */
  readonly path: string;
  readonly timeoutMs: number;
}

/** Takes one heap snapshot into a file. Whether the file is whole is for its `ReservedFile.finish` to find out. */
export interface SnapshotEngine {
  readonly name: 'in-process' | 'forked';
  take(request: SnapshotRequest): Promise<void>;
}

/** The isolate writes it itself and stands still meanwhile. No byte of it crosses a thread. */
export const inProcessEngine: SnapshotEngine = { name: 'in-process', take: writeSnapshotTo };
