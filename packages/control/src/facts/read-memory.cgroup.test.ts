import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { MemoryFacts } from '../guards/guard.ts';
import { createMemoryGroup, type MemoryGroup } from '../testing/memory-group.fixture.ts';

/** The kernel as the oracle: what is said to be available can be taken, a quarter more is death. */
const MIB = 2 ** 20;
const PARENT_MAX_BYTES = 384 * MIB;
const SIBLING_MIB = 96;
const fixture = fileURLToPath(new URL('../testing/take-memory.fixture.ts', import.meta.url));
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

describe('readMemory in a real cgroup', { timeout: 60_000 }, () => {
  it('counts the limit around its own group, and what another process in there takes', async (context) => {
    const group = groupOrSkip(context);
    await startSibling(group);
    const { facts } = await take(group, 0);
    expect(facts).toMatchObject({ limitBytes: PARENT_MAX_BYTES, source: 'cgroup' });
    expect(facts.availableBytes).toBeLessThan(PARENT_MAX_BYTES - SIBLING_MIB * MIB);
    expect(facts.availableBytes).toBeGreaterThan(PARENT_MAX_BYTES - (SIBLING_MIB + 160) * MIB);
  });

  it.for([
    [0.9, null],
    [1.25, 'SIGKILL'],
  ] as const)('taking %d × what is available ends by signal %s', async ([share, signal], context) => {
    const group = groupOrSkip(context);
    await startSibling(group);
    expect((await take(group, share)).signal).toBe(signal);
  });
});

/** The inner limit is far away: only the one around it counts. */
function groupOrSkip(context: { skip(reason: string): never }): MemoryGroup {
  try {
    const group = createMemoryGroup({ maxBytes: 4096 * MIB, parentMaxBytes: PARENT_MAX_BYTES });
    undo.push(group.remove);
    return group;
  } catch (error) {
    return context.skip(`no cgroup can be made here: ${String(error)}`);
  }
}

function start({ wrapper: [command = '', ...args] }: MemoryGroup, ...request: string[]): ChildProcess {
  const node = [process.execPath, '--conditions=@heapfloor/source', fixture];
  return spawn(command, [...args, ...node, ...request], { stdio: ['pipe', 'pipe', 'inherit'] });
}

async function startSibling(group: MemoryGroup): Promise<void> {
  const child = start(group, 'hold', String(SIBLING_MIB));
  const exit = once(child, 'exit');
  undo.push(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line === `took ${SIBLING_MIB}`) return;
  }
  throw new Error('the sibling ended early');
}

async function take(
  group: MemoryGroup,
  share: number,
): Promise<{ facts: MemoryFacts; signal: string | null }> {
  const child = start(group, String(share));
  const exit = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout! })) lines.push(line);
  const [, signal] = (await exit) as [number | null, string | null];
  return { facts: JSON.parse(lines[0] ?? '{}') as MemoryFacts, signal };
}
