/**
 * Does the headroom guard keep an app alive? Apps in real memory cgroups are asked for heap snapshots that do not fit: some
 * with the guard switched off, which the kernel kills, and fifty with it, which must all live and give a sampling profile.
 * Uses the built packages; needs the right to make a cgroup, and fails where there is none.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryCapture, type Outcome, type Try } from './guards/try-capture.ts';

export const name = 'guards';

const TRIES = 50;
const UNGUARDED_TRIES = 5;
const AT_ONCE = 2;

export async function run(): Promise<{ table: string[][]; results: Record<string, unknown> }> {
  const directory = mkdtempSync(join(tmpdir(), 'heapfloor-bench-'));
  try {
    const unguarded = await runAll(createTries(UNGUARDED_TRIES, false), join(directory, 'off'));
    const guarded = await runAll(createTries(TRIES, true), join(directory, 'on'));
    const results = {
      tries: guarded.length,
      survivedWithGuard: countOf(guarded, ({ isKilled }) => !isKilled),
      killedWithoutGuard: countOf(unguarded, ({ isKilled }) => isKilled),
      downgraded: countOf(
        guarded,
        ({ grantedKind, hasProfile }) => grantedKind === 'heap-profile' && hasProfile,
      ),
      triesWithoutGuard: unguarded.length,
    };
    const { survivedWithGuard, killedWithoutGuard, downgraded } = results;
    const isProven = survivedWithGuard === TRIES && downgraded === TRIES && killedWithoutGuard > 0;
    if (!isProven) process.exitCode = 1;
    return {
      table: [
        ['asked for a snapshot that does not fit', 'apps', 'killed', 'profile instead'],
        ['guard off', String(unguarded.length), String(killedWithoutGuard), '-'],
        ['guard on', String(TRIES), String(TRIES - survivedWithGuard), String(downgraded)],
      ],
      results,
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** From far too little memory to hardly too little: the snapshot of these objects takes 13 to 18 times their heap. */
function createTries(count: number, isGuarded: boolean): Try[] {
  return Array.from({ length: count }, (_, index) => {
    const heapMib = 40 + (index % 5) * 10;
    return { heapMib, limitMib: 200 + heapMib * (3 + (index % 4)), isGuarded };
  });
}

async function runAll(tries: readonly Try[], directory: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting = tries.map((one, index) => ({ one, id: `${index}` }));
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const tryName = `guards-${next.one.isGuarded ? 'on' : 'off'}-${next.id}`;
      outcomes.push(await tryCapture(tryName, `${directory}-${next.id}`, next.one));
      console.error(`${tryName}: ${JSON.stringify(outcomes.at(-1))}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return outcomes;
}

function countOf(outcomes: readonly Outcome[], is: (outcome: Outcome) => boolean): number {
  return outcomes.filter(is).length;
}
