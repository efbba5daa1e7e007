import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
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
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ledgerPath, openAttemptLedger, type AttemptLedger, type LedgerOptions } from './attempt-ledger.ts';
import { noteExit } from './note-exit.ts';
import { readOwnIdentity, type ProcessIdentity } from './process-identity.ts';

const FIXTURE = fileURLToPath(new URL('./ledger-process.fixture.ts', import.meta.url));
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let base = '';
const children: ChildProcess[] = [];
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'hf-ledger-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(base, { recursive: true, force: true });
});

const SELF = readOwnIdentity();
/** Of processes that never ran: pid 4,194,305 is above the largest of Linux. */
const DEAD: ProcessIdentity = { ...SELF, pid: 4_194_305, token: 'dead-1' };

function open(change: Partial<LedgerOptions> = {}): AttemptLedger {
  return openAttemptLedger({ base, service: 'shop', instance: 'app-1', self: SELF, ...change });
}

function file(): string {
  return ledgerPath(base, 'shop');
}

function start(mode: string, ...rest: string[]): ChildProcess {
  const child = spawn(process.execPath, ['--conditions=@heapfloor/source', FIXTURE, mode, base, ...rest], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

const SNAPSHOT = { captureId: 'snap-0001', kind: 'heap-snapshot', instance: 'app-1' } as const;

describe('an attempt', () => {
  it('is on the disk before it starts, for its owner only', () => {
    open().begin(SNAPSHOT);
    expect(readFileSync(file(), 'utf8')).toContain('"captureId":"snap-0001"');
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file())).mode & 0o777).toBe(0o700);
  });

  it('of every instance of the service is seen by each of them, and of no other service', () => {
    const clock = { nowMs: Date.parse('2026-03-01T12:00:00Z'), machineUptimeMs: 5_000_000 };
    open({ now: () => clock }).begin(SNAPSHOT);
    const seen = open({ self: { ...SELF, token: 'b' }, instance: 'app-2', now: () => clock }).attempts();
    expect(seen).toEqual([{ kind: 'heap-snapshot', startedAtMs: clock.nowMs, instance: 'app-1' }]);
    expect(open({ service: 'other' }).attempts()).toEqual([]);
  });

  it('that cannot be written is not started, and says why', () => {
    const ledger = open();
    mkdirSync(file(), { recursive: true });
    expect(() => ledger.begin(SNAPSHOT)).toThrow(
      expect.objectContaining({ code: 'CONTROL_LEDGER_UNWRITABLE', status: 503 }),
    );
    expect(() => ledger.attempts()).toThrow(/ledger of attempts can't be read/);
    expect(ledger.end('snap-0001', 'failed')).toBe(true);
  });

  it('that ended while the disk was full is ended with the next record that fits', () => {
    const ledger = open();
    ledger.begin(SNAPSHOT);
    const text = readFileSync(file(), 'utf8');
    rmSync(file());
    mkdirSync(file());
    expect(ledger.end('snap-0001', 'succeeded')).toBe(false);
    rmSync(file(), { recursive: true });
    writeFileSync(file(), text);
    expect(text).not.toContain('"type":"end"');
    expect(ledger.reset('heap-profile', 'key-a')).toEqual([]);
    expect(readFileSync(file(), 'utf8')).toMatch(/"type":"end".*"outcome":"succeeded"/);
  });
});

describe('a torn line or garbage', () => {
  it('costs itself, and neither the line before nor the one behind', () => {
    open().begin(SNAPSHOT);
    appendFileSync(file(), '\n{"type":"begin","attemptId":"x","capt');
    open({ self: { ...SELF, token: 'b' } }).begin({ ...SNAPSHOT, captureId: 'snap-0002' });
    appendFileSync(file(), Buffer.from([0, 255, 10, 123, 125, 10, 91]));
    const ledger = open({ self: { ...SELF, token: 'c' } });
    ledger.begin({ ...SNAPSHOT, captureId: 'snap-0003' });
    expect(ledger.attempts()).toHaveLength(3);
  });
});

describe('a process that died in a capture', () => {
  it('locks the kind out for the service, until it is reset, and again with the next death', () => {
    open({ self: DEAD }).begin(SNAPSHOT);
    const ledger = open();
    expect(ledger.lockouts()).toMatchObject([{ kind: 'heap-snapshot', captureId: 'snap-0001' }]);
    expect(open({ instance: 'app-2', self: { ...SELF, token: 'b' } }).lockouts()).toHaveLength(1);
    expect(ledger.reset('heap-profile', 'key-a')).toEqual([]);
    expect(ledger.lockouts()).toHaveLength(1);
    expect(ledger.reset('heap-snapshot', 'key-a')).toEqual(['snap-0001']);
    expect(ledger.lockouts()).toEqual([]);
    expect(open({ self: { ...SELF, token: 'c' } }).lockouts()).toEqual([]);
    open({ self: { ...DEAD, token: 'dead-2' } }).begin({ ...SNAPSHOT, captureId: 'snap-0002' });
    expect(ledger.lockouts()).toMatchObject([{ captureId: 'snap-0002' }]);
  });

  it('in another container locks out when the same instance starts anew, or after the longest time', () => {
    const clock = { nowMs: Date.now(), machineUptimeMs: 9_000_000 };
    const now = () => clock;
    const elsewhere = { ...SELF, pidNamespace: 'pid:[7]', token: 'elsewhere' };
    open({ self: elsewhere, now }).begin({ ...SNAPSHOT, longestMs: 600_000 });
    const neighbour = open({ instance: 'app-2', now });
    expect(neighbour.lockouts()).toEqual([]);
    clock.nowMs += 600_001;
    clock.machineUptimeMs += 600_001;
    expect(neighbour.lockouts()).toHaveLength(1);
    clock.nowMs -= 600_001;
    clock.machineUptimeMs -= 600_001;
    expect(neighbour.lockouts()).toEqual([]);
    expect(open({ self: { ...SELF, token: 'b' }, now }).lockouts()).toHaveLength(1);
  });

  it('is told from one whose pid is used again, as every container starts with pid 1', () => {
    open({ self: { ...SELF, startTicks: '1', token: 'earlier-start' } }).begin(SNAPSHOT);
    expect(open().lockouts()).toMatchObject([{ captureId: 'snap-0001' }]);
  });

  it('is told from one that ended by itself', () => {
    const dead = open({ self: DEAD });
    dead.begin(SNAPSHOT);
    noteExit(dead.exitNote);
    expect(open().lockouts()).toEqual([]);
  });

  it('is told from a control that died and was started anew in the same process', () => {
    open({ self: { ...SELF, token: 'first-control' } }).begin(SNAPSHOT);
    expect(open().lockouts()).toEqual([]);
    expect(readFileSync(file(), 'utf8')).toContain('"outcome":"interrupted"');
  });
});

describe('real processes', () => {
  it('a killed one locks out as soon as it is gone', async () => {
    const child = start('begin-and-wait', 'app-2');
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    const ledger = open();
    expect(ledger.lockouts()).toEqual([]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(ledger.lockouts().map(({ kind }) => kind)).toEqual(['heap-snapshot']);
  });

  it('one that exits does not', async () => {
    const child = start('begin-and-exit', 'app-2');
    await once(child, 'exit');
    expect(open().attempts()).toMatchObject([{ instance: 'app-2' }]);
    expect(open().lockouts()).toEqual([]);
  });

  it('one that dies after a reset is not forgiven by it', async () => {
    const child = start('begin-and-wait', 'app-2');
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    const ledger = open();
    expect(ledger.reset('heap-snapshot', 'key-a')).toEqual([]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(ledger.lockouts()).toMatchObject([{ captureId: 'app-2-0001' }]);
  });

  it('that append at once, and compact meanwhile, lose and mix no line', async () => {
    const names = ['app-a', 'app-b', 'app-c', 'app-d'];
    const writers = names.map((name) => start('append', name, '60'));
    await Promise.all(writers.map(async (child) => once(child.stdout as NodeJS.ReadableStream, 'data')));
    for (const child of writers) child.stdin?.end('go\n');
    await Promise.all(writers.map(async (child) => once(child, 'exit')));
    const attempts = open().attempts();
    const counts = names.map((name) => attempts.filter(({ instance }) => instance === name).length);
    expect(counts).toEqual([60, 60, 60, 60]);
    expect(open().lockouts()).toEqual([]);
    const compactions = statSync(`${file()}.old`).size;
    expect(compactions).toBeGreaterThan(0);
    for (const line of readFileSync(file(), 'utf8').split('\n').filter(Boolean)) JSON.parse(line);
  });
});

describe('the clock', () => {
  it('may be set back within a boot: the age of an attempt does not change', () => {
    const clock = { nowMs: Date.parse('2026-03-01T12:00:00Z'), machineUptimeMs: 5_000_000 };
    const ledger = open({ now: () => clock });
    ledger.begin(SNAPSHOT);
    clock.machineUptimeMs += 60_000;
    clock.nowMs -= DAY_MS;
    const [attempt] = ledger.attempts();
    expect(clock.nowMs - (attempt?.startedAtMs ?? 0)).toBe(process.platform === 'linux' ? 60_000 : 0);
  });

  it('makes no attempt of another boot be in the future', () => {
    const nowMs = Date.parse('2026-03-01T12:00:00Z');
    const self = { ...SELF, bootId: 'another', host: 'another', token: 'b' };
    open({ self, now: () => ({ nowMs: nowMs + DAY_MS, machineUptimeMs: 1 }) }).begin(SNAPSHOT);
    const ledger = open({ now: () => ({ nowMs, machineUptimeMs: 1 }) });
    expect(ledger.attempts()).toMatchObject([{ startedAtMs: nowMs }]);
  });
});

describe('compaction', () => {
  it('drops what ended more than eight days ago, and keeps a death that is not forgiven', () => {
    const clock = { nowMs: Date.parse('2026-03-01T12:00:00Z'), machineUptimeMs: 0 };
    const now = () => clock;
    open({ self: DEAD, now }).begin({ ...SNAPSHOT, captureId: 'died-0001' });
    const ledger = open({ now, compactAboveBytes: 0 });
    const at = (days: number, captureId: string): void => {
      clock.nowMs = Date.parse('2026-03-01T12:00:00Z') + days * DAY_MS;
      clock.machineUptimeMs = days * DAY_MS;
      ledger.begin({ captureId, kind: 'heap-profile', instance: 'app-1' });
      ledger.end(captureId, 'succeeded');
    };
    at(0, 'old-00001');
    at(3, 'young-001');
    at(10, 'young-002');
    open({ now, compactAboveBytes: 0, self: { ...SELF, token: 'b' } });
    open({ now, compactAboveBytes: 0, self: { ...SELF, token: 'c' } });
    const text = readFileSync(file(), 'utf8');
    const ids = Array.from(text.matchAll(/"captureId":"([^"]+)"/g), ([, id]) => id);
    expect(new Set(ids)).toEqual(new Set(['died-0001', 'young-001', 'young-002']));
    expect(ledger.lockouts()).toMatchObject([{ captureId: 'died-0001' }]);
    expect(ledger.reset('heap-snapshot', 'key-a')).toEqual(['died-0001']);
    open({ now, compactAboveBytes: 0, self: { ...SELF, token: 'd' } });
    expect(readFileSync(file(), 'utf8')).not.toContain('died-0001');
  });

  it('keeps young lines of a later version, which it cannot read', () => {
    open().begin(SNAPSHOT);
    const line = JSON.stringify({ type: 'later-kind-of-record', atMs: Date.now() });
    appendFileSync(file(), `${line}\n`);
    open({ compactAboveBytes: 0 });
    expect(readFileSync(file(), 'utf8')).toContain(line);
  });
});

it('names of services make no path of their own', () => {
  expect(ledgerPath('/base', '../../etc/x')).toBe('/base/ledger/%2E%2E%2F%2E%2E%2Fetc%2Fx.jsonl');
  const [a, b] = ['x'.repeat(200), 'x'.repeat(201)].map((service) => ledgerPath('/base', service));
  expect(a).not.toBe(b);
});
