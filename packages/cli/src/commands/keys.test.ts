import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keysCommand } from './keys.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hf-cli-keys-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function run(...flags: string[]): Promise<string> {
  const stdout = new PassThrough();
  const said = text(stdout);
  try {
    await keysCommand.run(flags, { env: {}, stdout, stderr: stdout, signal: new AbortController().signal });
  } finally {
    stdout.end();
  }
  return said;
}

it('makes a pair that fits, the private half for its owner alone, and says what each is for', async () => {
  const out = join(directory, 'new');
  const said = await run(`--out=${out}`, '--name=ops');
  const privateKey = await readFile(join(out, 'ops-key.pem'), 'utf8');
  const publicKey = await readFile(join(out, 'ops-public-key.pem'), 'utf8');
  expect(createPrivateKey(privateKey).asymmetricKeyType).toBe('ed25519');
  const message = Buffer.from('a command');
  const signature = sign(null, message, createPrivateKey(privateKey));
  expect(verify(null, message, createPublicKey(publicKey), signature)).toBe(true);
  expect((await stat(join(out, 'ops-key.pem'))).mode & 0o777).toBe(0o600);
  expect((await stat(out)).mode & 0o777).toBe(0o700);
  expect(said).toMatch(
    /ops-key\.pem\n.*HEAPFLOOR_RECEIVER_PRIVATE_KEY_FILE.*ops-public-key\.pem\n.*HEAPFLOOR_CONTROL_PUBLIC_KEYS/s,
  );
  expect(said).not.toContain('BEGIN');
});

it.each(['control-key.pem', 'control-public-key.pem'])(
  'leaves %s as it is, and makes no half pair',
  async (name) => {
    await writeFile(join(directory, name), 'mine');
    await expect(run(`--out=${directory}`)).rejects.toMatchObject({ code: 'CLI_KEY_EXISTS', kind: 'caller' });
    expect(await readdir(directory)).toEqual([name]);
    expect(await readFile(join(directory, name), 'utf8')).toBe('mine');
  },
);

it('takes no name that leaves the directory', async () => {
  await expect(run(`--out=${directory}`, '--name=../x')).rejects.toMatchObject({ code: 'CLI_OPTIONS' });
});
