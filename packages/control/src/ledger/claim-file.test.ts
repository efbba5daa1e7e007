import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimFile, readClaim, type Claim } from './claim-file.ts';
import { readOwnIdentity } from './process-identity.ts';

const FIXTURE = fileURLToPath(new URL('./ledger-process.fixture.ts', import.meta.url));
const SELF = readOwnIdentity();

let directory = '';
const children: ChildProcess[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hf-claim-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(directory, { recursive: true, force: true });
});

function claim(token: string): ReturnType<typeof claimFile> {
  return claimFile({
    directory,
    name: 'owner',
    self: { ...SELF, token },
    isFree: (holder) => holder.token.startsWith('dead'),
  });
}

describe('a claim', () => {
  it('is refused while its holder lives, and names him', () => {
    expect(claim('alive').isTaken).toBe(true);
    expect(claim('late')).toEqual({
      isTaken: false,
      holder: { ...SELF, token: 'alive' },
      path: join(directory, 'owner.1.json'),
    });
  });

  it('is taken over from a dead holder, who then holds it no more', () => {
    const dead = claim('dead') as Claim;
    expect(dead.isHeld()).toBe(true);
    expect(claim('next').isTaken).toBe(true);
    expect(dead.isHeld()).toBe(false);
    expect(readdirSync(directory)).toEqual(['owner.2.json']);
  });

  it('is not got by one who was so slow that two others came and cleared up', () => {
    claim('dead-0');
    const slow = claimFile({
      directory,
      name: 'owner',
      self: { ...SELF, token: 'slow' },
      isFree(holder) {
        if (holder.token !== 'dead-0') return false;
        claim('dead-1');
        claim('fast');
        return true;
      },
    });
    expect(slow).toMatchObject({ isTaken: false, holder: { token: 'fast' } });
    expect(readdirSync(directory)).toEqual(['owner.3.json']);
  });

  it('can be released, and its number is not used again', () => {
    (claim('first') as Claim).release();
    expect(readClaim(directory, 'owner')).toBeNull();
    expect(claim('second').isTaken).toBe(true);
    expect(readdirSync(directory)).toEqual(['owner.2.json']);
  });

  it.each([
    ['nothing', ''],
    ['a part', '{"pid":'],
    ['another pid', '{"pid":0,"token":"x"}'],
  ])('that holds %s is nobody’s', (_name, text) => {
    writeFileSync(join(directory, 'owner.7.json'), text);
    expect(claim('next').isTaken).toBe(true);
    expect(readdirSync(directory)).toEqual(['owner.8.json']);
  });
});

it('of eight processes that find the same dead holder at once, one gets the claim', async () => {
  for (let round = 0; round < 3; round += 1) {
    claimFile({ directory, name: 'owner', self: { ...SELF, token: `dead-${round}` }, isFree: () => true });
    const starters = Array.from({ length: 8 }, () => {
      const args = ['--conditions=@heapfloor/source', FIXTURE, 'claim', directory];
      return spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    });
    children.push(...starters);
    const answers = starters.map(async (child) => nextData(child));
    await Promise.all(answers);
    const claimed = starters.map(async (child) => nextData(child));
    for (const child of starters) child.stdin?.write('go\n');
    expect((await Promise.all(claimed)).filter((answer) => answer === 'taken')).toHaveLength(1);
    for (const child of starters) child.kill('SIGKILL');
  }
});

async function nextData(child: ChildProcess): Promise<string> {
  const [data] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return data.toString().trim();
}
