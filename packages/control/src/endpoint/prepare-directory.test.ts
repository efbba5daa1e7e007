import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judgeFolder, judgeLink, judgeParent, prepareDirectory } from './prepare-directory.ts';

let root = '';
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'hf-prepare-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const OWN = 1000;
const folder = (change: object) => ({ path: '/x', uid: OWN, mode: 0o700, isMountPoint: false, ...change });

describe('a folder', () => {
  it.each([
    ['ours and closed', {}, /^fine$/],
    ['of another user', { uid: 1001 }, /belongs to user 1001/],
    ['of root', { uid: 0 }, /belongs to user 0/],
    ['open to others', { mode: 0o701 }, /mode 701.*chmod 700/],
    ['open to the group', { mode: 0o750 }, /mode 750/],
  ])('that is %s is judged right', (_name, change, problem) => {
    expect(judgeFolder(folder(change), OWN) ?? 'fine').toMatch(problem);
  });
});

describe('a folder above', () => {
  it.each([
    ['root’s', { uid: 0, mode: 0o755 }, /^fine$/],
    ['ours', { mode: 0o755 }, /^fine$/],
    ['open to all and sticky, like /tmp', { uid: 0, mode: 0o1777 }, /^fine$/],
    ['a volume of Kubernetes', { uid: 0, mode: 0o777, isMountPoint: true }, /^fine$/],
    ['another user’s', { uid: 1001, mode: 0o755 }, /belongs to user 1001, who could replace it/],
    ['open to all', { uid: 0, mode: 0o777 }, /can be written by all \(mode 777\)/],
    ['ours and open to all', { mode: 0o777, isMountPoint: true }, /can be written by all/],
  ])('that is %s is judged right', (_name, change, problem) => {
    expect(judgeParent(folder(change), OWN) ?? 'fine').toMatch(problem);
  });
});

it.each([
  [OWN, null],
  [0, null],
  [1001, '/x is a symbolic link of user 1001; give the folder itself'],
])('a link of user %s is judged right', (uid, problem) => {
  expect(judgeLink({ path: '/x', uid }, OWN)).toBe(problem);
});

describe('prepareDirectory', () => {
  it('makes the folder with its parents, for this user only, and leaves nothing in it', () => {
    const directory = join(root, 'a', 'b');
    expect(prepareDirectory(directory)).toBeNull();
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(readdirSync(directory)).toEqual([]);
    expect(prepareDirectory(directory)).toBeNull();
  });

  it('looks at where a link leads to, and at what is above that', () => {
    mkdirSync(join(root, 'closed'), { mode: 0o700 });
    symlinkSync(join(root, 'closed'), join(root, 'link'));
    expect(prepareDirectory(join(root, 'link'))).toBeNull();
    mkdirSync(join(root, 'open'));
    chmodSync(join(root, 'open'), 0o777);
    mkdirSync(join(root, 'open', 'inner'), { mode: 0o700 });
    symlinkSync(join(root, 'open', 'inner'), join(root, 'link-2'));
    expect(prepareDirectory(join(root, 'link-2'))).toMatch(
      /open, above it, can be written by all \(mode 777\)/,
    );
    symlinkSync(join(root, 'closed'), join(root, 'open', 'link-3'));
    expect(prepareDirectory(join(root, 'open', 'link-3'))).toMatch(/open, above it, can be written by all/);
  });

  it('names what is there instead of a folder', () => {
    writeFileSync(join(root, 'file'), '');
    expect(prepareDirectory(join(root, 'file'))).toMatch(/file can't be used: EEXIST/);
    symlinkSync(join(root, 'nowhere'), join(root, 'dangling'));
    expect(prepareDirectory(join(root, 'dangling'))).toMatch(/dangling can't be used/);
  });
});
