import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactManifest, CaptureOperation, CaptureResponse, Verdict } from '@heapfloor/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readArtifactBytes, type Retention } from './artifact-retention.ts';
import { createOperationStore, type OperationStore, type StoreContext } from './operation-store.ts';

let base = '';
let directory = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'hf-store-'));
  directory = join(base, 'app-1');
  mkdirSync(directory);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const ROOMY: Retention = { maxArtifacts: 100, artifactMaxAgeMs: 86_400_000, artifactQuotaBytes: 2 ** 31 };
const STARTED_AT = '2026-03-01T12:00:00.000Z';
const VERDICT: Verdict = {
  requestedKind: 'heap-snapshot',
  grantedKind: 'heap-snapshot',
  outcome: 'allowed',
  dryRun: false,
  instance: 'app-1',
  evaluatedAt: STARTED_AT,
  steps: [],
  explanation: 'allowed',
};

function open(retention: Partial<Retention> = {}, context: StoreContext = {}): OperationStore {
  return createOperationStore(directory, { ...ROOMY, ...retention }, context);
}

function response(captureId: string, change: Partial<CaptureOperation> = {}): CaptureResponse {
  return {
    verdict: VERDICT,
    operation: {
      captureId,
      state: 'running',
      kind: 'heap-snapshot',
      startedAt: STARTED_AT,
      finishedAt: null,
      artifacts: [],
      phase: 'writing',
      isolates: [],
      inspector: null,
      error: null,
      ...change,
    },
  };
}

/** Puts the file in place, as a capture does. @returns its manifest, not yet saved. */
function putFile(captureId: string, text: string, ordinal = 1, folder = directory): ArtifactManifest {
  const fileName = `${captureId}.${ordinal}.heapsnapshot`;
  writeFileSync(join(folder, fileName), text);
  return {
    fileName,
    kind: 'heap-snapshot',
    sizeBytes: text.length,
    sha256: createHash('sha256').update(text).digest('hex'),
    startedAt: STARTED_AT,
    finishedAt: STARTED_AT,
    stallMs: null,
    captureId,
    alertFingerprint: null,
    instance: 'app-1',
    pid: 1,
    isolate: 'main',
    nodeVersion: '26.0.0',
    v8Version: '14',
    heapUsedBytes: 1,
    rssGrowthBytes: null,
    verdict: VERDICT,
  };
}

/** An artifact that is whole; `ageMs` old. */
function putArtifact(store: OperationStore, captureId: string, { sizeBytes = 10, ageMs = 0 } = {}): void {
  store.saveManifest(putFile(captureId, 'x'.repeat(sizeBytes), 1, store.directory));
  const time = new Date(Date.now() - ageMs);
  const path = join(store.directory, `${captureId}.1.heapsnapshot.manifest.json`);
  if (existsSync(path)) utimesSync(path, time, time);
}

const names = (folder = directory): string[] => readdirSync(folder).toSorted();
const captures = (folder = directory): string[] =>
  names(folder).flatMap((name) => (name.endsWith('.heapsnapshot') ? (name.split('.')[0] ?? '') : []));

describe('a start after a crash', () => {
  it('removes what is half-written, and nothing that is whole or not ours', () => {
    putArtifact(open(), 'whole-001');
    putFile('no-manifest', 'text');
    const short = putFile('short-001', 'text');
    writeFileSync(
      join(directory, `${short.fileName}.manifest.json`),
      JSON.stringify({ ...short, sizeBytes: 9 }),
    );
    writeFileSync(join(directory, 'no-file-1.1.heapsnapshot.manifest.json'), JSON.stringify(short));
    writeFileSync(join(directory, 'torn-0001.1.heapsnapshot.manifest.json'), '{"fileName":');
    writeFileSync(join(directory, 'torn-0001.1.heapsnapshot'), 'text');
    writeFileSync(join(directory, 'writing-1.1.heapsnapshot.tmp'), 'te');
    const theirs = [
      'Heap.20260301.120000.1.0.001.heapsnapshot',
      'audit.jsonl',
      'control.sock',
      'owner.1.json',
    ];
    for (const name of theirs) writeFileSync(join(directory, name), 'theirs');
    open();
    expect(names()).toEqual(
      [...theirs, 'whole-001.1.heapsnapshot', 'whole-001.1.heapsnapshot.manifest.json'].toSorted(),
    );
  });

  it('tells of an operation that was running that it failed, with those artifacts that are whole', () => {
    const store = open();
    store.save(response('broken-01'));
    const first = putFile('broken-01', 'first');
    store.saveManifest(first);
    putFile('broken-01', 'second, without manifest', 2);
    expect(open().find('broken-01')?.operation).toMatchObject({
      state: 'failed',
      phase: null,
      artifacts: [first],
      error: { code: 'CONTROL_CAPTURE_INTERRUPTED' },
    });
    expect(captures()).toEqual(['broken-01']);
  });
});

describe('a record that cannot be written', () => {
  it('is told of, answered from memory, and written with the next that can be', () => {
    const store = open();
    store.save(response('full-0001'));
    const record = join(directory, 'full-0001.operation.json');
    rmSync(record);
    mkdirSync(record);
    expect(() => store.save(response('full-0001', { state: 'succeeded' }))).toThrow(/EISDIR/);
    expect(store.find('full-0001')?.operation?.state).toBe('succeeded');
    expect(names()).toEqual(['full-0001.operation.json']);
    rmSync(record, { recursive: true });
    store.save(response('next-0001', { state: 'succeeded' }));
    expect(open().find('full-0001')?.operation?.state).toBe('succeeded');
  });
});

it('the phase of a running operation is answered and not written', () => {
  const store = open();
  store.save(response('phases-01', { phase: 'draining' }));
  const writtenAtMs = statSync(join(directory, 'phases-01.operation.json')).ctimeMs;
  store.save(response('phases-01', { phase: 'writing' }));
  expect(store.find('phases-01')?.operation?.phase).toBe('writing');
  expect(statSync(join(directory, 'phases-01.operation.json')).ctimeMs).toBe(writtenAtMs);
  const isolates = [{ isolate: 'main', name: '', isCovered: true, reason: null }];
  store.save(response('phases-01', { phase: 'writing', isolates }));
  expect(open().find('phases-01')?.operation).toMatchObject({ phase: null, isolates });
});

describe('retention', () => {
  it('keeps the newest of an instance, by count and by age', () => {
    const store = open();
    putArtifact(store, 'oldest-01', { ageMs: 90_000_000 });
    putArtifact(store, 'older-001', { ageMs: 3_000 });
    putArtifact(store, 'newer-001', { ageMs: 2_000 });
    putArtifact(store, 'newest-01', { ageMs: 1_000 });
    open();
    expect(captures()).toEqual(['newer-001', 'newest-01', 'older-001']);
    open({ maxArtifacts: 2 });
    expect(captures()).toEqual(['newer-001', 'newest-01']);
  });

  it('keeps all instances together below the quota, the oldest go first, of whichever instance', () => {
    const other = join(base, 'app-2');
    mkdirSync(other);
    putArtifact(createOperationStore(other, ROOMY), 'other-old', { sizeBytes: 40, ageMs: 9_000 });
    const store = open();
    putArtifact(store, 'mine-0001', { sizeBytes: 40, ageMs: 5_000 });
    putArtifact(store, 'mine-0002', { sizeBytes: 40, ageMs: 1_000 });
    open({ artifactQuotaBytes: 120 });
    expect([captures(other), captures()]).toEqual([['other-old'], ['mine-0001', 'mine-0002']]);
    open({ artifactQuotaBytes: 119 });
    expect([captures(other), captures()]).toEqual([[], ['mine-0001', 'mine-0002']]);
    open({ artifactQuotaBytes: 79 });
    expect(captures()).toEqual(['mine-0002']);
  });

  it('takes nothing from a running operation, of this instance or of one that lives', () => {
    const other = join(base, 'app-2');
    mkdirSync(other);
    const others = createOperationStore(other, ROOMY);
    others.save(response('other-run'));
    putArtifact(others, 'other-run', { ageMs: 90_000 });
    const store = open({ maxArtifacts: 1, artifactQuotaBytes: 1 }, { hasLiveOwner: () => true });
    store.save(response('mine-0001'));
    store.saveManifest(putFile('mine-0001', 'first'));
    store.saveManifest(putFile('mine-0001', 'second', 2));
    expect([captures(other), captures()]).toEqual([['other-run'], ['mine-0001', 'mine-0001']]);
    open({ artifactQuotaBytes: 10 }, { hasLiveOwner: () => false });
    expect(captures(other)).toEqual([]);
  });

  it('forgets the oldest of more than 200 records', () => {
    const store = open();
    store.save(response('running-1'));
    for (let ordinal = 0; ordinal < 205; ordinal += 1) {
      store.save(response(`record-${String(ordinal).padStart(3, '0')}`, { state: 'succeeded' }));
    }
    expect(store.find('running-1')?.operation?.state).toBe('running');
    expect(names().length).toBeLessThanOrEqual(201);
    expect(store.find('record-204')?.operation?.state).toBe('succeeded');
  });
});

it('the bytes in use are those of all artifacts, also of one that is being written', () => {
  putArtifact(open(), 'whole-001', { sizeBytes: 100 });
  const manifestBytes = statSync(join(directory, 'whole-001.1.heapsnapshot.manifest.json')).size;
  writeFileSync(join(directory, 'writing-1.1.heapsnapshot.tmp'), 'x'.repeat(50));
  writeFileSync(join(directory, 'audit.jsonl'), 'x'.repeat(1_000));
  expect(readArtifactBytes(base)).toBe(150 + manifestBytes);
});

function onDisk(): string {
  return readFileSync(join(directory, 'inspect-1.operation.json'), 'utf8');
}

describe('the address of an inspector', () => {
  const open9229 = {
    webSocketUrl: 'ws://127.0.0.1:9229/secret',
    port: 9229,
    expiresAt: STARTED_AT,
    provenClosedAt: null,
  };
  it('is answered while it is open, and is never on the disk', () => {
    const store = open();
    store.save(response('inspect-1', { kind: 'inspector', inspector: open9229 }));
    expect(store.find('inspect-1')?.operation?.inspector).toEqual(open9229);
    expect(onDisk()).not.toContain('secret');
    const closed = { ...open9229, provenClosedAt: STARTED_AT };
    store.save(response('inspect-1', { state: 'succeeded', inspector: closed }));
    expect(store.find('inspect-1')?.operation?.inspector).toEqual({ ...closed, webSocketUrl: '' });
    expect(onDisk()).not.toContain('secret');
  });

  it('is gone with the process', () => {
    open().save(response('inspect-1', { kind: 'inspector', inspector: open9229 }));
    expect(open().find('inspect-1')?.operation).toMatchObject({
      state: 'failed',
      inspector: { webSocketUrl: '', port: 9229 },
    });
  });
});

it('deleting takes the artifacts of one operation, which stays known', () => {
  const store = open();
  putArtifact(store, 'first-001');
  putArtifact(store, 'first-001-b');
  store.save(response('first-001', { state: 'succeeded' }));
  store.deleteArtifacts('first-001');
  expect(captures()).toEqual(['first-001-b']);
  expect(store.find('first-001')?.operation?.state).toBe('succeeded');
});
