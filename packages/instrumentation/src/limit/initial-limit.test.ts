import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { program, runNode, waitForOutput } from '../testing/run-node.ts';

const MIB = 1024 * 1024;
const directory = mkdtempSync(join(tmpdir(), 'heapfloor-limit-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/**
 * V8's own old-space limit: Node prints `initial_limit` when its near-limit callback runs.
 * The process is ended before it writes the snapshot.
 */
async function limits(flags: readonly string[], nodeOptions = ''): Promise<{ ours: unknown; v8Mib: number }> {
  const args = [
    '--conditions=@heapfloor/source',
    '--heapsnapshot-near-heap-limit=1',
    `--diagnostic-dir=${directory}`,
  ];
  const env = { NODE_DEBUG_NATIVE: 'diagnostics', NODE_OPTIONS: nodeOptions };
  const run = runNode([...args, ...flags, program('fill-heap.ts')], env);
  try {
    const [, bytes = ''] = await waitForOutput(run, 'stderr', /initial_limit=\s*(\d+)/);
    const [, ours = ''] = await waitForOutput(run, 'stdout', /limit=(.*)\n/);
    return { ours: JSON.parse(ours) as unknown, v8Mib: Number(bytes) / MIB };
  } finally {
    run.child.kill('SIGKILL');
    await run.exited;
  }
}

describe('readOldSpaceLimit against initial_limit of V8', () => {
  it.each([
    [['--max-old-space-size=80'], '', 'flag'],
    [['--max-heap-size=200'], '', 'heap_flag'],
    [['--max-old-space-size-percentage=0.5'], '', 'percentage'],
    [[], '--max-old-space-size=70 --max-semi-space-size=4', 'flag'],
  ])('agrees with %j and NODE_OPTIONS %j', async (flags, nodeOptions, source) => {
    const { ours, v8Mib } = await limits(flags, nodeOptions);
    expect(ours).toEqual({ bytes: v8Mib * MIB, source });
  });
});
