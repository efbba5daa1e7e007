import type { Isolate } from './isolates.ts';

/** An isolate that is stuck in native code gets to it later, when nobody expects the pause any more. */
const BEGIN_WITHIN_MS = 10_000;

/**
 * Has the isolate write a heap snapshot to a path.
 * @throws when V8 cannot write it, or the isolate does not come to it.
 */
export async function writeSnapshotTo({
  isolate,
  path,
  timeoutMs,
}: {
  readonly isolate: Pick<Isolate, 'isolate' | 'evaluate'>;
  readonly path: string;
  readonly timeoutMs: number;
}): Promise<void> {
  const beginWithinMs = Math.min(timeoutMs, BEGIN_WITHIN_MS);
  const outcome = await isolate
    .evaluate<string>(snapshotExpression(path, beginWithinMs), timeoutMs)
    .catch((error: unknown) => {
      throw new Error(`${isolate.isolate} wrote no heap snapshot: ${(error as Error).message}`, {
        cause: error,
      });
    });
  if (outcome === 'late') {
    throw new Error(`${isolate.isolate} did not come to its heap snapshot within ${beginWithinMs} ms`);
  }
}

/** `hrtime` is the machine's, the same in all threads, and nobody sets it back. */
export function snapshotExpression(path: string, beginWithinMs: number): string {
  const deadlineNs = process.hrtime.bigint() + BigInt(Math.round(beginWithinMs * 1e6));
  return `(() => {
    if (typeof process.getBuiltinModule !== 'function') throw new Error('process.getBuiltinModule is not there');
    if (process.hrtime.bigint() > ${deadlineNs}n) return 'late';
    process.getBuiltinModule('v8').writeHeapSnapshot(${JSON.stringify(path)});
    return 'written';
  })()`;
}
