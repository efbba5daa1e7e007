import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNonceLedger, type NonceLedger, type NonceLedgerOptions } from './nonce-ledger.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hf-nonces-'));
  clock.nowSeconds = 1_000_000;
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const clock = { nowSeconds: 0 };
const REPLAYED = expect.objectContaining({ code: 'CONTROL_COMMAND_REPLAYED' }) as Error;

function path(): string {
  return join(directory, 'nonces');
}

function open(change: Partial<NonceLedgerOptions> = {}): NonceLedger {
  return createNonceLedger({ path: path(), bootId: 'boot-a', nowSeconds: () => clock.nowSeconds, ...change });
}

const use = (ledger: NonceLedger, jti: string) => (): void => ledger.useUp(jti, clock.nowSeconds + 65);

describe('a nonce', () => {
  it('is used once, also after a restart, and the restart refuses no command that is new', () => {
    const first = open();
    use(first, 'a')();
    expect(use(first, 'a')).toThrow(REPLAYED);
    clock.nowSeconds += 10;
    const again = open();
    expect(again.sinceSeconds).toBe(1_000_000);
    expect(use(again, 'a')).toThrow(REPLAYED);
    expect(use(again, 'b')).not.toThrow();
    expect(use(open(), 'b')).toThrow(REPLAYED);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  it('may be any text of any length; the file holds none of it', () => {
    const ledger = open();
    use(ledger, `secret\n${'x'.repeat(100_000)}`)();
    expect(use(ledger, `secret\n${'x'.repeat(100_001)}`)).not.toThrow();
    expect(readFileSync(path(), 'utf8')).not.toContain('secret');
    expect(statSync(path()).size).toBeLessThan(200);
  });

  it('stays used when the clock is set back by less than an hour', () => {
    const ledger = open();
    use(ledger, 'a')();
    clock.nowSeconds += 3_500;
    use(ledger, 'b')();
    clock.nowSeconds -= 3_500;
    expect(use(ledger, 'a')).toThrow(REPLAYED);
    expect(use(open(), 'a')).toThrow(REPLAYED);
  });

  it('is forgotten an hour after its command expired', () => {
    use(open(), 'a')();
    clock.nowSeconds += 65 + 3_601;
    open();
    expect(readFileSync(path(), 'utf8').split('\n')).toHaveLength(2);
  });
});

describe('commands issued before the start stay refused', () => {
  it.each([
    ['there is no file', () => rmSync(path())],
    [
      'the machine was booted meanwhile',
      () => writeFileSync(path(), readFileSync(path(), 'utf8').replace('boot-a', 'boot-b')),
    ],
    ['the file is of another kind', () => writeFileSync(path(), 'garbage\n')],
    [
      'a line in it is garbage',
      () => writeFileSync(path(), readFileSync(path(), 'utf8').replace(' 1000065', ' x')),
    ],
    [
      'it cannot be read',
      () => {
        rmSync(path());
        mkdirSync(path());
      },
    ],
  ])('when %s', (_name, damage) => {
    use(open(), 'a')();
    clock.nowSeconds += 10;
    damage();
    expect(open().sinceSeconds).toBe(1_000_010);
  });
});

describe('the file', () => {
  it('may end in the middle of a line: that command was not answered yet', () => {
    use(open(), 'a')();
    appendFileSync(path(), 'AAAA');
    clock.nowSeconds += 10;
    const again = open();
    expect(again.sinceSeconds).toBe(1_000_000);
    expect(use(again, 'a')).toThrow(REPLAYED);
    use(again, 'b')();
    expect(use(open(), 'b')).toThrow(REPLAYED);
  });

  it('that cannot be written takes no command, as its replay after a restart could not be told', () => {
    const ledger = open();
    rmSync(path());
    mkdirSync(path());
    writeFileSync(join(path(), 'x'), '');
    expect(use(ledger, 'a')).toThrow(
      expect.objectContaining({ code: 'CONTROL_LEDGER_UNWRITABLE', status: 503 }),
    );
    rmSync(path(), { recursive: true });
    use(ledger, 'b')();
    expect(use(open(), 'a')).toThrow(REPLAYED);
    expect(use(open(), 'b')).toThrow(REPLAYED);
  });

  it('stays small', () => {
    const ledger = open({ maxCount: 10_000 });
    for (let ordinal = 0; ordinal < 6_000; ordinal += 1) {
      clock.nowSeconds += 10;
      ledger.useUp(`nonce-${ordinal}`, clock.nowSeconds + 65);
    }
    expect(readFileSync(path(), 'utf8').split('\n').length).toBeLessThan(3_000);
  });

  it('holds a bounded count: a flood is refused, and those that have expired make room', () => {
    const ledger = open({ maxCount: 100 });
    for (let ordinal = 0; ordinal < 100; ordinal += 1) use(ledger, `nonce-${ordinal}`)();
    expect(use(ledger, 'one-more')).toThrow(
      expect.objectContaining({ code: 'CONTROL_COMMANDS_TOO_MANY', status: 429 }),
    );
    clock.nowSeconds += 66;
    expect(use(ledger, 'one-more')).not.toThrow();
  });
});

it('without a path the nonces are in memory', () => {
  const ledger = open({ path: null });
  use(ledger, 'a')();
  expect(use(ledger, 'a')).toThrow(REPLAYED);
});
