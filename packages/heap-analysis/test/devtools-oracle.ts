import { createReadStream } from 'node:fs';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { devToolsBundle } from './devtools-bundle.ts';

/** What we use of DevTools' `JSHeapSnapshot`. */
export interface DevToolsSnapshot {
  readonly nodeCount: number;
  readonly nodeFieldCount: number;
  readonly dominatorsTree: Uint32Array;
  readonly retainedSizes: Float64Array;
  readonly nodeDistances: Int32Array;
  readonly totalSize: number;
  createNode(nodeIndex: number): { selfSize(): number; className(): string; id(): number };
  aggregatesWithFilter(filter: object): Record<string, DevToolsAggregate>;
  aggregatesForDiff(interfaceDefinitions: string): Record<string, unknown>;
  interfaceDefinitions(): string;
  calculateSnapshotDiff(
    baseSnapshotId: number,
    baseAggregates: Record<string, unknown>,
  ): Record<string, DevToolsDiff>;
}

export interface DevToolsAggregate {
  readonly name: string;
  readonly count: number;
  readonly self: number;
  readonly maxRet: number;
}

export interface DevToolsDiff {
  readonly name: string;
  readonly addedCount: number;
  readonly removedCount: number;
  readonly countDelta: number;
  readonly addedSize: number;
  readonly removedSize: number;
  readonly sizeDelta: number;
}

interface DevToolsModule {
  readonly HeapSnapshot: { readonly SecondaryInitManager: new (port: MessagePort) => unknown };
  readonly HeapSnapshotLoader: {
    readonly HeapSnapshotLoader: new (dispatcher: { sendEvent: () => void }) => {
      write(chunk: string): void;
      close(): void;
      buildSnapshot(port: MessagePort): Promise<DevToolsSnapshot>;
    };
  };
}

/** Reads a snapshot with DevTools' own loader and analysis, its second thread included as a second event loop task. */
export async function readWithDevTools(filePath: string): Promise<DevToolsSnapshot> {
  const devTools = (await import((await devToolsBundle()).href)) as DevToolsModule;
  const loader = new devTools.HeapSnapshotLoader.HeapSnapshotLoader({ sendEvent: () => undefined });
  const file = createReadStream(filePath, { encoding: 'utf8', highWaterMark: 1 << 20 });
  for await (const chunk of file) loader.write(chunk as string);
  loader.close();
  const { port1, port2 } = new MessageChannel();
  const secondary = new devTools.HeapSnapshot.SecondaryInitManager(port2);
  try {
    return await loader.buildSnapshot(port1);
  } finally {
    port1.close();
    void secondary;
  }
}
