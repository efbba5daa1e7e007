import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describeError } from '@heapfloor/contract';
import type { Log } from '../log.ts';
import { cleanFields, cleanText, type AuditEventName, type AuditFields } from './audit-event.ts';
import { CURRENT_FILE, hashLine, listAuditFiles, nextRotatedFile, splitLines } from './audit-files.ts';

export interface AuditLogOptions {
  /** Of this instance alone: one writer. */
  readonly directory: string;
  readonly log: Log;
  readonly maxFileBytes?: number;
  readonly maxFileCount?: number;
  readonly now?: () => number;
}

export interface AuditLog {
  /** Never throws. */
  readonly write: (event: AuditEventName, fields?: AuditFields) => void;
}

/** End of the chain: the next line's number, and the hash of the line before it. */
interface ChainEnd {
  readonly sequence: number;
  readonly previous: string | null;
  readonly sizeBytes: number;
}

const MAX_FILE_BYTES = 2 ** 20;
const MAX_FILE_COUNT = 10;
/** Refusals are free for whoever reaches the socket; more would push out of the files what matters. Per minute. */
const MAX_REFUSED_COUNT = 60;
const MINUTE_MS = 60_000;

/**
 * Append-only, one JSON line per event, each with the SHA-256 of the line before it, on from file to file. Whoever removes
 * or changes a line in the middle must write all later ones anew; copy the last hash elsewhere to notice that, too.
 */
export function createAuditLog(options: AuditLogOptions): AuditLog {
  const {
    directory,
    log,
    maxFileBytes = MAX_FILE_BYTES,
    maxFileCount = MAX_FILE_COUNT,
    now = Date.now,
  } = options;
  const path = join(directory, CURRENT_FILE);
  /** Null: to be read from the file, at first and after an error. */
  let end: ChainEnd | null = null;
  let missedCount = 0;
  let refused = { minute: -1, count: 0, droppedCount: 0 };

  function append(event: AuditEventName, fields: AuditFields): void {
    end ??= readEnd(directory, { path, at: now(), write: appendText });
    if (end.sizeBytes >= maxFileBytes) {
      rotate(directory, path, maxFileCount);
      end = { ...end, sizeBytes: 0 };
    }
    const { line, next } = formatLine(end, { at: now(), event, fields: cleanFields(fields) });
    appendText(path, line, event !== 'refused');
    end = next;
  }

  function tryAppend(event: AuditEventName, fields: AuditFields): void {
    try {
      if (missedCount > 0) {
        append('missed', { count: missedCount });
        missedCount = 0;
      }
      append(event, fields);
    } catch (error) {
      end = null;
      if (missedCount === 0) log('audit-unwritten', { error: cleanText(describeError(error)) });
      missedCount += 1;
    }
  }

  function turnMinute(): void {
    const minute = Math.floor(now() / MINUTE_MS);
    if (minute === refused.minute) return;
    const { droppedCount } = refused;
    refused = { minute, count: 0, droppedCount: 0 };
    if (droppedCount > 0)
      tryAppend('missed', { count: droppedCount, reason: 'refusals, too many in a minute' });
  }

  /** @returns false for a refusal too many in this minute. */
  function admitRefusal(): boolean {
    if (refused.count >= MAX_REFUSED_COUNT) {
      refused.droppedCount += 1;
      return false;
    }
    refused.count += 1;
    return true;
  }

  return {
    write(event, fields = {}) {
      turnMinute();
      if (event === 'refused' && !admitRefusal()) return;
      tryAppend(event, fields);
    },
  };
}

function formatLine(
  { sequence, previous, sizeBytes }: ChainEnd,
  { at, event, fields }: { at: number; event: AuditEventName; fields: object },
): { line: string; next: ChainEnd } {
  const line = JSON.stringify({ sequence, at: new Date(at).toISOString(), event, ...fields, previous });
  const next = {
    sequence: sequence + 1,
    previous: hashLine(line),
    sizeBytes: sizeBytes + Buffer.byteLength(line) + 1,
  };
  return { line, next };
}

type WriteText = (path: string, line: string, mustSync: boolean) => void;

/** A line that was cut off is ended, stays in the chain, and is named by the next. */
function readEnd(
  directory: string,
  { path, at, write }: { path: string; at: number; write: WriteText },
): ChainEnd {
  const file = listAuditFiles(directory).findLast((name) => statSync(name).size > 0);
  if (file === undefined) return { sequence: 1, previous: null, sizeBytes: 0 };
  const bytes = readFileSync(file);
  const lines = splitLines(bytes);
  const sequence = lines.reduce((newest, line) => Math.max(newest, sequenceOf(line)), 0) + 1;
  const torn = lines.pop() ?? Buffer.alloc(0);
  const sizeBytes = file === path ? bytes.length : 0;
  if (torn.length === 0) return { sequence, previous: hashLine(lines.at(-1) ?? ''), sizeBytes };
  write(file, '', true);
  const { line, next } = formatLine(
    { sequence, previous: hashLine(torn), sizeBytes: sizeBytes + 1 },
    { at, event: 'resumed', fields: { sizeBytes: torn.length } },
  );
  write(path, line, true);
  return next;
}

function sequenceOf(line: Buffer): number {
  try {
    const { sequence } = JSON.parse(line.toString()) as { readonly sequence?: unknown };
    return typeof sequence === 'number' ? sequence : 0;
  } catch {
    return 0;
  }
}

function rotate(directory: string, path: string, maxFileCount: number): void {
  renameSync(path, nextRotatedFile(directory));
  for (const old of listAuditFiles(directory).slice(0, 1 - maxFileCount)) rmSync(old, { force: true });
}

/** One write. The cut-off end of a full disk is met by the next {@link readEnd}. */
function appendText(path: string, line: string, mustSync: boolean): void {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);
  const descriptor = openSync(path, flags, 0o600);
  try {
    const bytes = Buffer.from(`${line}\n`);
    const writtenBytes = writeSync(descriptor, bytes);
    if (writtenBytes < bytes.length) throw new Error(`${writtenBytes} of ${bytes.length} bytes fitted`);
    if (mustSync) fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
