import { resolve } from 'node:path';
import type { Isolate } from './isolates.ts';

export interface NearHeapLimitArm {
  /** `armed` now; or it was before, by us or by a flag on the command line, which stays in force. */
  readonly outcome: 'armed' | 'already-armed' | 'armed-by-flag';
  /** Where V8 will write: keep it with the pid for {@link adoptNearLimitSnapshots} of the next start. */
  readonly directory: string;
}

interface Answer {
  readonly outcome: NearHeapLimitArm['outcome'];
  readonly diagnosticDirectory: string;
  readonly workingDirectory: string;
}

/**
 * Node takes the arm once per isolate and ignores every later one, so the process itself remembers ours. The flag may stand
 * on the command line or in NODE_OPTIONS; the later of two `--diagnostic-dir` counts, and the command line comes after
 * NODE_OPTIONS.
 */
const ARM = `(() => {
  const flags = [...(process.env.NODE_OPTIONS ?? '').split(/\\s+/), ...process.execArgv];
  const valueOf = (name) => {
    let value = '';
    flags.forEach((flag, index) => {
      if (flag === name) value = flags[index + 1] ?? '';
      if (flag.startsWith(name + '=')) value = flag.slice(name.length + 1);
    });
    return value;
  };
  const key = Symbol.for('heapfloor.near-heap-limit');
  const isByFlag = Number(valueOf('--heapsnapshot-near-heap-limit')) > 0;
  const outcome = isByFlag ? 'armed-by-flag' : globalThis[key] === true ? 'already-armed' : 'armed';
  if (outcome === 'armed') {
    process.getBuiltinModule('v8').setHeapSnapshotNearHeapLimit(1);
    Object.defineProperty(globalThis, key, { value: true });
  }
  return JSON.stringify({
    outcome,
    diagnosticDirectory: valueOf('--diagnostic-dir').replace(/^"|"$/g, ''),
    workingDirectory: process.cwd(),
  });
})()`;

/**
 * Has V8 write one heap snapshot of the main isolate when its heap comes near the limit, usually right before the process
 * dies of it. V8 raises the limit meanwhile, so this takes more memory than the limit says.
 */
export async function armNearHeapLimit(
  isolate: Pick<Isolate, 'evaluate'>,
  timeoutMs: number,
): Promise<NearHeapLimitArm> {
  const { outcome, diagnosticDirectory, workingDirectory } = JSON.parse(
    await isolate.evaluate<string>(ARM, timeoutMs),
  ) as Answer;
  return { outcome, directory: resolve(workingDirectory, diagnosticDirectory) };
}
