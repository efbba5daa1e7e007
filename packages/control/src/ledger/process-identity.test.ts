import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { judgeLiveness, readOwnIdentity, type ProcessIdentity } from './process-identity.ts';

const ended: (() => void)[] = [];
afterEach(() => ended.splice(0).forEach((end) => end()));

const self = readOwnIdentity();
const other: ProcessIdentity = {
  pid: 1,
  startTicks: '500',
  bootId: 'boot-a',
  pidNamespace: 'pid:[1]',
  host: 'pod-a',
  token: 'theirs',
};
const mine: ProcessIdentity = { ...other, pid: 2, token: 'mine' };
/** What `/proc` says of a process that runs. */
function running(startTicks: string | null, isZombie = false): (pid: number) => State {
  const state: State = { startTicks, isZombie };
  return () => state;
}

interface State {
  readonly startTicks: string | null;
  readonly isZombie: boolean;
}

function nobody(): null {
  return null;
}

describe('judgeLiveness', () => {
  it.each([
    ['the process with these start ticks runs', other, running('500'), 'alive'],
    ['its pid is used by a process that started later', other, running('501'), 'gone'],
    ['it is dead, but not reaped', other, running('500', true), 'gone'],
    ['there is no such pid', other, nobody, 'gone'],
    ['the machine was booted anew', { ...other, bootId: 'boot-b' }, running('500'), 'gone'],
    ['it is of another machine', { ...other, bootId: 'boot-b', host: 'pod-b' }, running('500'), 'unknown'],
    ['it has a pid of another container', { ...other, pidNamespace: 'pid:[2]' }, nobody, 'unknown'],
    ['the system tells no start ticks', { ...other, startTicks: null }, running(null), 'alive'],
  ] as const)('says what it can when %s', (_name, identity, readState, liveness) => {
    expect(judgeLiveness(identity, mine, readState)).toBe(liveness);
  });

  it('says of another machine without a boot id that it does not know', () => {
    const [a, b] = [
      { ...other, bootId: null, host: 'mac-a' },
      { ...mine, bootId: null, host: 'mac-b' },
    ];
    expect(judgeLiveness(a, b, running(null))).toBe('unknown');
  });

  it('knows its own process by the token', () => {
    expect(judgeLiveness({ ...self, bootId: 'read anew at random' }, self)).toBe('alive');
  });
});

/** Prints its identity as JSON, then waits. */
const CHILD = `
  import { readOwnIdentity } from ${JSON.stringify(new URL('./process-identity.ts', import.meta.url).href)};
  console.log(JSON.stringify(readOwnIdentity()));
  setInterval(() => {}, 1000);`;

describe('on this machine', () => {
  it('tells a running process from a killed one, and from one with its pid that started at another time', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', CHILD], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    ended.push(() => child.kill('SIGKILL'));
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const identity = JSON.parse(line.toString()) as ProcessIdentity;
    expect({ pid: identity.pid, bootId: identity.bootId }).toEqual({ pid: child.pid, bootId: self.bootId });
    expect(judgeLiveness(identity, self)).toBe('alive');
    expect(judgeLiveness({ ...identity, startTicks: '1' }, self)).toBe('gone');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(judgeLiveness(identity, self)).toBe('gone');
  });

  it('takes a dead process for gone that its parent never reaps', async () => {
    // `sleep` replaces the shell and so inherits a child that it does not know of.
    const parent = spawn('sh', ['-c', '"$0" -e "" & echo $!; exec sleep 60', process.execPath], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    ended.push(() => parent.kill('SIGKILL'));
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(pid).toBeGreaterThan(1);
    await expect
      .poll(() => judgeLiveness({ ...self, pid, startTicks: readTicks(pid), token: 'zombie' }, self))
      .toBe('gone');
    expect(process.kill(pid, 0)).toBe(true);
  });
});

function readTicks(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
