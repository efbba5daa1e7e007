import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOwnIdentity, type ProcessIdentity } from '../ledger/process-identity.ts';
import { claimDirectory, hasLiveOwner, keepClaim, readOwner } from './claim-directory.ts';
import { sweepInstances } from './sweep-instances.ts';

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'hf-sweep-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const HOUR_MS = 3_600_000;
const SELF = readOwnIdentity();
const DEAD: ProcessIdentity = { ...SELF, pid: 4_194_305, token: 'dead' };
const ELSEWHERE: ProcessIdentity = { ...SELF, pidNamespace: 'pid:[7]', token: 'elsewhere' };

function put(
  name: string,
  owner: ProcessIdentity | null,
  { ageHours = 25, files = ['a.1.report.json'] } = {},
): string {
  const directory = join(base, name);
  mkdirSync(directory);
  const problem = owner === null ? null : claimDirectory(directory, name, owner);
  expect(problem).toBeNull();
  for (const file of files) writeFileSync(join(directory, file), 'x');
  const time = new Date(Date.now() - ageHours * HOUR_MS);
  for (const file of readdirSync(directory)) utimesSync(join(directory, file), time, time);
  return directory;
}

describe('sweepInstances', () => {
  it('removes folders of instances that ended long ago, and only those', () => {
    put('ended-long-ago', DEAD);
    put('ended-today', DEAD, { ageHours: 1 });
    put('alive', SELF);
    put('of-nobody', null);
    put('ledger', DEAD);
    put('.swept-by-one-who-died', null);
    writeFileSync(join(base, 'file'), '');
    sweepInstances(base, 24 * HOUR_MS);
    expect(readdirSync(base).toSorted()).toEqual(['alive', 'ended-today', 'file', 'ledger', 'of-nobody']);
  });

  it('takes one elsewhere for gone only when its owner has been silent', () => {
    const kept = put('kept', ELSEWHERE);
    put('silent', ELSEWHERE);
    put('silent-not-long', ELSEWHERE, { ageHours: 0.5 });
    keepClaim(kept);
    sweepInstances(base, 60_000);
    expect(readdirSync(base).toSorted()).toEqual(['kept', 'silent-not-long']);
  });

  it('keeps the audit log for 30 days', () => {
    const files = ['a.1.report.json', 'audit.1.jsonl', 'audit.jsonl'];
    const directory = put('ended', DEAD, { files });
    put('ended-last-month', DEAD, { files, ageHours: 31 * 24 });
    sweepInstances(base, 24 * HOUR_MS);
    expect(readdirSync(base)).toEqual(['ended']);
    expect(readdirSync(directory).toSorted()).toEqual(['audit.1.jsonl', 'audit.jsonl', 'owner.1.json']);
  });
});

describe('claimDirectory', () => {
  it('refuses the folder of another process that lives, and says what to do', () => {
    const parent: ProcessIdentity = { ...SELF, token: 'parent' };
    const child: ProcessIdentity = { ...SELF, pid: SELF.pid + 1, token: 'child' };
    const directory = put('app-1', parent);
    expect(claimDirectory(directory, 'app-1', child)).toMatch(
      new RegExp(
        `^instance: app-1 is process ${SELF.pid} already .*owner\\.1\\.json.*HEAPFLOOR_CONTROL_INSTANCE`,
      ),
    );
    expect(claimDirectory(directory, 'app-1', { ...parent, token: 'second control' })).toBeNull();
  });

  it('takes it from one that is gone, or of a container that was started anew', () => {
    expect(claimDirectory(put('app-1', DEAD), 'app-1', SELF)).toBeNull();
    expect(claimDirectory(put('app-2', ELSEWHERE), 'app-2', SELF)).toBeNull();
    expect(readOwner(join(base, 'app-2'), SELF)).toEqual({ pid: SELF.pid, liveness: 'alive' });
  });

  it('names a folder that it cannot write to', () => {
    expect(claimDirectory(join(base, 'nowhere'), 'app-1')).toMatch(/nowhere can't be claimed: .*ENOENT/);
  });

  it('tells whether an owner may live', () => {
    const folders = [put('a', SELF), put('b', DEAD), put('c', ELSEWHERE), put('d', null)];
    expect(folders.map((folder) => hasLiveOwner(folder))).toEqual([true, false, true, false]);
  });
});
