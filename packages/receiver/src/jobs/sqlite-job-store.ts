import type { DatabaseSync } from 'node:sqlite';
import { captureRecord, type CaptureRecord } from '@heapfloor/contract';
import type {
  ClaimRequest,
  Cooldown,
  EnqueueOutcome,
  JobStore,
  Lease,
  NewJob,
  RecordChange,
} from './job-store.ts';
import { openSqlite } from './open-sqlite.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS captures (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    instance TEXT NOT NULL,
    service TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    run_after INTEGER NOT NULL,
    owner TEXT,
    record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS captures_due ON captures (run_after) WHERE state IN ('queued', 'running');
  CREATE INDEX IF NOT EXISTS captures_newest ON captures (created_at DESC, id DESC);
  CREATE INDEX IF NOT EXISTS captures_of_instance ON captures (instance, created_at DESC);
  CREATE TABLE IF NOT EXISTS episodes (
    key TEXT PRIMARY KEY,
    capture_id TEXT NOT NULL REFERENCES captures (id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS cooldowns (
    key TEXT PRIMARY KEY,
    until INTEGER NOT NULL,
    capture_id TEXT NOT NULL,
    source TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

const ENQUEUE = `INSERT INTO captures (id, state, instance, service, created_at, run_after, record)
  VALUES (?, 'queued', ?, ?, ?, ?, ?)`;
const JOIN = `INSERT INTO episodes (key, capture_id) VALUES (?, ?) ON CONFLICT (key) DO NOTHING`;
const FIND_EPISODE = `SELECT record FROM captures WHERE id = (SELECT capture_id FROM episodes WHERE key = ?)`;
const COOL = `
  INSERT INTO cooldowns (key, until, capture_id, source) VALUES (?, ?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET until = excluded.until, capture_id = excluded.capture_id, source = excluded.source`;
const FIND_COOLDOWN = `SELECT capture_id AS captureId, source FROM cooldowns WHERE key = ? AND until > ?`;
// run_after doubles as the lease's expiry: a running job whose worker died is due again by itself.
const CLAIM = `
  UPDATE captures SET state = 'running', owner = ?1, run_after = ?2, attempts = attempts + 1
  WHERE id = (
    SELECT id FROM captures AS due WHERE state IN ('queued', 'running') AND run_after <= ?3
    AND NOT EXISTS (
      SELECT 1 FROM captures AS other
      WHERE other.state = 'running' AND other.service = due.service AND other.run_after > ?3)
    ORDER BY run_after, id LIMIT 1)
  RETURNING id, attempts, record`;
const RENEW = `UPDATE captures SET run_after = ? WHERE id = ? AND owner = ?`;
const RELEASE = `UPDATE captures SET state = 'queued', run_after = ?, owner = NULL WHERE id = ? AND owner = ?`;
const READ = `SELECT record, owner FROM captures WHERE id = ?`;
const WRITE = `UPDATE captures SET record = ?, state = ?, owner = ? WHERE id = ?`;
const LIST = `SELECT record FROM captures ORDER BY created_at DESC, id DESC LIMIT ?`;
const LATEST = `SELECT record FROM captures WHERE instance = ? ORDER BY created_at DESC, id DESC LIMIT 1`;
const COUNT_OPEN = `SELECT count(*) AS count FROM captures WHERE state IN ('queued', 'running')`;

interface Row {
  readonly id: string;
  readonly attempts: number;
  readonly owner: string | null;
  readonly record: string;
}

/** The default journal: one file, no server, no dependency. */
export function createSqliteJobStore(file: string): JobStore {
  const database = openSqlite(file);
  database.exec(SCHEMA);
  const statements = prepareStatements(database);
  return {
    enqueue: async (job) => inTransaction(database, () => enqueue(statements, job)),
    async joinEpisode(episodeKey, captureId) {
      statements.join.run(episodeKey, captureId);
    },
    findByEpisode: async (episodeKey) => parseRow(statements.findEpisode.get(episodeKey)),
    findCooldown: async (cooldownKey, now) => findCooldown(statements, cooldownKey, now),
    claim: async (request) => inTransaction(database, () => claim(statements, request)),
    renew: async ({ id, owner }, until) => statements.renew.run(until.getTime(), id, owner).changes === 1,
    release: async (lease, runAfter) => inTransaction(database, () => release(statements, lease, runAfter)),
    update: async (id, change, owner) =>
      inTransaction(database, () => update(statements, id, { change, owner })),
    read: async (id) => parseRow(statements.read.get(id)),
    list: async (limit) => statements.list.all(limit).flatMap((row) => parseRow(row) ?? []),
    findLatest: async (instance) => parseRow(statements.latest.get(instance)),
    countOpen: async () => (statements.countOpen.get() as { count: number }).count,
    async close() {
      database.close();
    },
  };
}

function enqueue(
  statements: Statements,
  { record, episodeKey, cooldownKey, cooldownMs, now }: NewJob,
): EnqueueOutcome {
  const known = parseRow(statements.findEpisode.get(episodeKey));
  if (known !== null) return { outcome: 'duplicate', captureId: known.id };
  const cooldown = findCooldown(statements, cooldownKey, now);
  if (cooldown !== null) return { outcome: 'cooldown', captureId: cooldown.captureId };
  const createdAtMs = new Date(record.createdAt).getTime();
  const { instance, service } = record.target ?? { instance: '', service: '' };
  const text = JSON.stringify(record);
  statements.enqueue.run(record.id, instance, service, createdAtMs, now.getTime(), text);
  statements.join.run(episodeKey, record.id);
  statements.cool.run(cooldownKey, now.getTime() + cooldownMs, record.id, record.alert.source);
  return { outcome: 'enqueued' };
}

function findCooldown(statements: Statements, cooldownKey: string, now: Date): Cooldown | null {
  const row = statements.findCooldown.get(cooldownKey, now.getTime()) as Cooldown | undefined;
  return row === undefined ? null : { ...row };
}

function claim(statements: Statements, { owner, now, leaseMs }: ClaimRequest): CaptureRecord | null {
  const row = statements.claim.get(owner, now.getTime() + leaseMs, now.getTime()) as Row | undefined;
  if (row === undefined) return null;
  const { attempts } = row;
  const updatedAt = now.toISOString();
  const record: CaptureRecord = { ...parseRecord(row.record), state: 'running', attempts, updatedAt };
  write(statements, record, owner);
  return record;
}

function release(statements: Statements, { id, owner }: Lease, runAfter: Date): void {
  const row = statements.read.get(id) as Row | undefined;
  if (row?.owner !== owner) return;
  statements.release.run(runAfter.getTime(), id, owner);
  write(statements, { ...parseRecord(row.record), state: 'queued' }, null);
}

function update(
  statements: Statements,
  id: string,
  { change, owner }: { change: RecordChange; owner: string | undefined },
): CaptureRecord | null {
  const row = statements.read.get(id) as Row | undefined;
  if (row === undefined || (owner !== undefined && row.owner !== owner)) return null;
  const record = captureRecord.parse(change(parseRecord(row.record)));
  write(statements, record, row.owner);
  return record;
}

function write(statements: Statements, record: CaptureRecord, owner: string | null): void {
  const isOpen = record.state === 'queued' || record.state === 'running';
  statements.write.run(JSON.stringify(record), record.state, isOpen ? owner : null, record.id);
}

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements(database: DatabaseSync) {
  return {
    enqueue: database.prepare(ENQUEUE),
    join: database.prepare(JOIN),
    findEpisode: database.prepare(FIND_EPISODE),
    cool: database.prepare(COOL),
    findCooldown: database.prepare(FIND_COOLDOWN),
    claim: database.prepare(CLAIM),
    renew: database.prepare(RENEW),
    release: database.prepare(RELEASE),
    read: database.prepare(READ),
    write: database.prepare(WRITE),
    list: database.prepare(LIST),
    latest: database.prepare(LATEST),
    countOpen: database.prepare(COUNT_OPEN),
  };
}

/** IMMEDIATE takes the write lock first: no other process writes between our read and our write. */
function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function parseRow(row: unknown): CaptureRecord | null {
  return row === undefined ? null : parseRecord((row as Pick<Row, 'record'>).record);
}

/** Written by us and checked then; a list of a hundred is not checked again. */
function parseRecord(text: string): CaptureRecord {
  return JSON.parse(text) as CaptureRecord;
}
