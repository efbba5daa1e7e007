import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAuditLog, type AuditLog } from './audit-log.ts';
import { verifyAudit } from './verify-audit.ts';

let directory = '';
let logged: string[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hf-audit-'));
  logged = [];
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const clock = { nowMs: Date.parse('2026-03-01T12:00:00Z') };

function open(change: { maxFileBytes?: number; maxFileCount?: number } = {}): AuditLog {
  return createAuditLog({ directory, log: (event) => logged.push(event), now: () => clock.nowMs, ...change });
}

function path(): string {
  return join(directory, 'audit.jsonl');
}

function lines(): string[] {
  return readFileSync(path(), 'utf8').split('\n').slice(0, -1);
}

const COMMAND = {
  keyThumbprint: 'abc',
  action: 'capture',
  kind: 'heap-snapshot',
  captureId: 'snap-0001',
  alertFingerprint: 'f00',
} as const;

describe('the audit log', () => {
  it('holds one line per event with the hash of the line before, for its owner only', () => {
    const audit = open();
    audit.write('command', COMMAND);
    audit.write('outcome', { captureId: 'snap-0001', outcome: 'succeeded' });
    const [first = '', second = ''] = lines();
    expect(JSON.parse(first)).toEqual({
      sequence: 1,
      at: '2026-03-01T12:00:00.000Z',
      event: 'command',
      ...COMMAND,
      previous: null,
    });
    const previous = createHash('sha256').update(first).digest('hex');
    expect(JSON.parse(second)).toMatchObject({ sequence: 2, event: 'outcome', previous });
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(verifyAudit(directory)).toEqual({
      isIntact: true,
      lineCount: 2,
      fileCount: 1,
      isCut: false,
      tornBytes: 0,
      lastHash: createHash('sha256').update(second).digest('hex'),
      problem: null,
    });
  });

  it('goes on over a restart', () => {
    open().write('started', {});
    open().write('started', {});
    expect(verifyAudit(directory)).toMatchObject({ isIntact: true, lineCount: 2 });
  });

  it('keeps one chain over its files, and says so when the first of them are gone', () => {
    const audit = open({ maxFileBytes: 300, maxFileCount: 3 });
    for (let ordinal = 0; ordinal < 4; ordinal += 1) audit.write('command', COMMAND);
    expect(verifyAudit(directory)).toMatchObject({ isIntact: true, lineCount: 4, isCut: false });
    for (let ordinal = 0; ordinal < 12; ordinal += 1) audit.write('command', COMMAND);
    open({ maxFileBytes: 300, maxFileCount: 3 }).write('command', COMMAND);
    expect(readdirSync(directory)).toHaveLength(3);
    expect(verifyAudit(directory)).toMatchObject({ isIntact: true, isCut: true, fileCount: 3 });
  });

  it('is found to be changed wherever a line is changed, removed, moved or put in', () => {
    const audit = open();
    for (const captureId of ['snap-0001', 'snap-0002', 'snap-0003', 'snap-0004']) {
      audit.write('command', { ...COMMAND, captureId });
    }
    const [a = '', b = '', c = '', d = ''] = lines();
    const forged = [
      [a, b.replace('heap-snapshot', 'heap-profile'), c, d],
      [a, c, d],
      [b, c, d].map((line) => line.replace('"sequence":2', '"sequence":1')),
      [a, c, b, d],
      [a, b, b, c, d],
      [a, b, 'garbage', c, d],
      [a, b, c, ''],
    ];
    for (const text of forged) {
      writeFileSync(path(), text.map((line) => `${line}\n`).join(''));
      expect(verifyAudit(directory).isIntact).toBe(false);
    }
    writeFileSync(path(), `${[a, b, c, d].join('\n')}\n`);
    expect(verifyAudit(directory).isIntact).toBe(true);
  });

  it('goes on behind a line that was cut off, and names it', () => {
    open().write('command', COMMAND);
    open().write('command', COMMAND);
    for (const lengthBytes of [statSync(path()).size - 1, statSync(path()).size - 40]) {
      truncateSync(path(), lengthBytes);
      expect(verifyAudit(directory)).toMatchObject({ isIntact: true, lineCount: 1 });
      expect(verifyAudit(directory).tornBytes).toBeGreaterThan(100);
      const whole = readFileSync(path());
      open().write('outcome', {});
      expect(verifyAudit(directory)).toMatchObject({ isIntact: true, lineCount: 4, tornBytes: 0 });
      writeFileSync(path(), whole);
    }
  });

  it('accepts no torn line that nothing names', () => {
    open().write('command', COMMAND);
    appendFileSync(path(), '{"sequence":2,"at"\n');
    expect(verifyAudit(directory).problem).toEqual({
      file: path(),
      lineNumber: 2,
      reason: 'it is no line of an audit log',
    });
  });

  it('that cannot be written is said once, throws nothing, and counts what it missed', () => {
    const audit = open();
    audit.write('started', {});
    renameSync(path(), join(directory, 'aside'));
    mkdirSync(path());
    for (let ordinal = 0; ordinal < 3; ordinal += 1) audit.write('command', COMMAND);
    expect(logged).toEqual(['audit-unwritten']);
    rmSync(path(), { recursive: true });
    renameSync(join(directory, 'aside'), path());
    audit.write('outcome', {});
    expect(lines().map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      'started',
      'missed',
      'outcome',
    ]);
    expect(JSON.parse(lines()[1] ?? '')).toMatchObject({ count: 3 });
    expect(verifyAudit(directory).isIntact).toBe(true);
  });

  it('cuts and escapes hostile text, and holds no token and no inspector address', () => {
    const hostile = `a\n{"sequence":9}\u001b[31m\u202e\u2028\ud800${'x'.repeat(10_000)}`;
    open().write('command', {
      alertFingerprint: hostile,
      reason: 'Bearer eyJhbGciOi.eyJhdWQ.c2ln and ws://127.0.0.1:9229/0f1e2d',
      ...({ token: 'not a field', webSocketUrl: 'ws://x' } as object),
    });
    const text = readFileSync(path(), 'utf8');
    expect(text.split('\n')).toHaveLength(2);
    expect(text.length).toBeLessThan(700);
    for (const part of ['\u001b', '\u202e', '\u2028', 'eyJ', 'ws:', 'not a field'])
      expect(text).not.toContain(part);
    const line = JSON.parse(text) as { readonly alertFingerprint: string; readonly reason: string };
    expect(line.reason).toBe('Bearer [token] and [url]');
    expect(line.alertFingerprint.slice(0, 50)).toBe(
      String.raw`a\u{a}{"sequence":9}\u{1b}[31m\u{202e}\u{2028}\u{d`,
    );
    expect(line.alertFingerprint).toHaveLength(257);
  });

  it('lets a flood of refusals push nothing out', () => {
    const audit = open();
    for (let ordinal = 0; ordinal < 500; ordinal += 1)
      audit.write('refused', { code: 'CONTROL_TOKEN_MISSING' });
    expect(lines()).toHaveLength(60);
    clock.nowMs += 60_000;
    audit.write('command', COMMAND);
    expect(JSON.parse(lines()[60] ?? '')).toMatchObject({ event: 'missed', count: 440 });
    expect(verifyAudit(directory)).toMatchObject({ isIntact: true, lineCount: 62 });
  });
});
