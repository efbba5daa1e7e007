import { createHash, randomUUID } from 'node:crypto';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { describeError, type CaptureKind } from '@heapfloor/contract';
import { ControlError } from '../errors.ts';
import type { CaptureAttempt, Lockout } from '../guards/guard.ts';
import { appendLine, compactFile, readLines, readSizeBytes } from './ledger-file.ts';
import {
  parseRecord,
  selectLines,
  startedAtMs,
  toAttempts,
  type Attempt,
  type AttemptOutcome,
  type AttemptRecord,
  type LedgerClock,
  type LedgerRecord,
} from './ledger-records.ts';
import type { ExitNote } from './note-exit.ts';
import { isSameProcess, judgeLiveness, type ProcessIdentity } from './process-identity.ts';

export interface LedgerOptions {
  /** The artifact directory that all instances share. */
  readonly base: string;
  readonly service: string;
  /** Whose folder this process has claimed: so who had it before is gone, even where its pid says nothing. */
  readonly instance: string;
  readonly self: ProcessIdentity;
  readonly compactAboveBytes?: number;
  readonly now?: () => { nowMs: number; machineUptimeMs: number };
}

export interface AttemptStart {
  readonly captureId: string;
  readonly kind: CaptureKind;
  readonly instance: string;
  /** Longest that it can take; a process elsewhere that has said nothing for so long counts as dead. */
  readonly longestMs?: number;
}

/** Attempts of one service, written before they start; shared by all processes with the same artifact directory. */
export interface AttemptLedger {
  /** @throws ControlError when it is not on the disk: then it must not start. */
  readonly begin: (start: AttemptStart) => AttemptRecord;
  /** @returns false when it could not be written; it is tried again with the next record. Never throws. */
  readonly end: (captureId: string, outcome: Exclude<AttemptOutcome, 'died'>) => boolean;
  /** @returns the captures whose deaths are forgiven. @throws ControlError when it is not on the disk. */
  readonly reset: (kind: CaptureKind, by: string) => readonly string[];
  /** Also those that ended; at most of the last eight days. @throws ControlError when the ledger cannot be read. */
  readonly attempts: () => CaptureAttempt[];
  /** The latest of each kind. @throws ControlError when the ledger cannot be read. */
  readonly lockouts: () => Lockout[];
  /** What the main thread's `exit` handler hands to `noteExit`. */
  readonly exitNote: ExitNote;
}

/** An hour: every capture has a time limit far below. Unit: ms. */
const LONGEST_MS = 3_600_000;
const COMPACT_ABOVE_BYTES = 256 * 2 ** 10;

export function openAttemptLedger(options: LedgerOptions): AttemptLedger {
  const { self, compactAboveBytes = COMPACT_ABOVE_BYTES, now = readClock } = options;
  const path = ledgerPath(options.base, options.service);
  const openedAtMs = now().nowMs;
  const running = new Map<string, string>();
  /** Written already, or still to be: what is known here counts here, on a full disk too. */
  let owed: LedgerRecord[] = [];
  let nextCompactionBytes = compactAboveBytes;

  const clock = (): LedgerClock => ({ ...now(), bootId: self.bootId, openedAtMs });

  function read(): Attempt[] {
    const records = guarded('read', path, () => readLines(path)).flatMap((line) => parseRecord(line) ?? []);
    return toAttempts([...records, ...owed]);
  }

  function write(record: LedgerRecord): void {
    guarded('written', path, () => {
      for (const late of owed) appendLine(path, JSON.stringify(late));
      owed = [];
      appendLine(path, JSON.stringify(record));
    });
  }

  /** @returns whether it is on the disk. */
  function writeOrOwe(record: LedgerRecord): boolean {
    try {
      write(record);
      return true;
    } catch {
      owed.push(record);
      return false;
    }
  }

  function compactIfLarge(): void {
    if (readSizeBytes(path) <= nextCompactionBytes) return;
    compactFile(path, self, (lines) => selectLines(lines, clock()));
    nextCompactionBytes = Math.max(compactAboveBytes, 2 * readSizeBytes(path));
  }

  function deaths(): Attempt[] {
    const before = read();
    const at = clock();
    const wasGone = new Set(
      before.filter((attempt) => isGone(attempt, options, at)).map((attempt) => id(attempt)),
    );
    // Once more: a process may have written its end after the reading and before it was looked for.
    const attempts = wasGone.size === 0 ? before : read();
    return attempts.filter(
      (attempt) =>
        !attempt.isForgiven &&
        (attempt.outcome === 'died' || (attempt.outcome === null && wasGone.has(id(attempt)))),
    );
  }

  function recordDeaths(): void {
    for (const { begin, outcome } of deaths()) {
      if (outcome === null) {
        writeOrOwe({ type: 'end', attemptId: begin.attemptId, outcome: 'died', atMs: now().nowMs });
      }
    }
    for (const { begin, outcome } of read()) {
      const isOfEarlierControl = begin.process.token !== self.token && isSameProcess(begin.process, self);
      if (outcome === null && isOfEarlierControl) {
        writeOrOwe({ type: 'end', attemptId: begin.attemptId, outcome: 'interrupted', atMs: now().nowMs });
      }
    }
  }

  try {
    compactIfLarge();
    recordDeaths();
  } catch {
    // Unreadable: every command is told so.
  }

  return {
    begin({ captureId, kind, instance, longestMs = LONGEST_MS }) {
      const { nowMs, machineUptimeMs } = now();
      const attemptId = randomUUID();
      const record: AttemptRecord = {
        type: 'begin',
        attemptId,
        captureId,
        kind,
        instance,
        atMs: nowMs,
        machineUptimeMs,
        longestMs,
        process: self,
      };
      try {
        compactIfLarge();
        write(record);
      } catch (error) {
        if (mayBeWritten(path, attemptId))
          owed.push({ type: 'end', attemptId, outcome: 'failed', atMs: nowMs });
        throw error;
      }
      running.set(captureId, attemptId);
      return record;
    },
    end(captureId, outcome) {
      const attemptId = running.get(captureId);
      if (attemptId === undefined) return true;
      running.delete(captureId);
      return writeOrOwe({ type: 'end', attemptId, outcome, atMs: now().nowMs });
    },
    reset(kind, by) {
      const forgiven = deaths().filter(({ begin }) => begin.kind === kind);
      const attemptIds = forgiven.map((attempt) => id(attempt));
      write({ type: 'reset', kind, by, attemptIds, atMs: now().nowMs });
      return forgiven.map(({ begin }) => begin.captureId);
    },
    attempts() {
      const at = clock();
      return read()
        .map(({ begin }) => ({
          kind: begin.kind,
          startedAtMs: startedAtMs(begin, at),
          instance: begin.instance,
        }))
        .toSorted((a, b) => a.startedAtMs - b.startedAtMs);
    },
    lockouts() {
      const at = clock();
      const ofKind = new Map<CaptureKind, Lockout>();
      for (const { begin } of deaths()) {
        const { kind, captureId } = begin;
        const sinceMs = startedAtMs(begin, at);
        if ((ofKind.get(kind)?.sinceMs ?? -Infinity) <= sinceMs)
          ofKind.set(kind, { kind, sinceMs, captureId });
      }
      return [...ofKind.values()];
    },
    exitNote: { path, token: self.token },
  };
}

/** Of one service; long names are told apart by a hash. */
export function ledgerPath(base: string, service: string): string {
  const encoded = encodeURIComponent(service.replaceAll(/\p{Cs}/gu, '_')).replaceAll('.', '%2E');
  const hash = createHash('sha256').update(service).digest('hex').slice(0, 16);
  return join(base, 'ledger', `${encoded.length > 100 ? `${encoded.slice(0, 80)}-${hash}` : encoded}.jsonl`);
}

const id = ({ begin }: Attempt): string => begin.attemptId;

/** It has begun, never ended, and nobody runs it any more. */
function isGone({ begin, outcome }: Attempt, { self, instance }: LedgerOptions, clock: LedgerClock): boolean {
  if (outcome !== null) return false;
  const liveness = judgeLiveness(begin.process, self);
  if (liveness !== 'unknown') return liveness === 'gone';
  return begin.instance === instance || startedAtMs(begin, clock) + begin.longestMs < clock.nowMs;
}

/** A line whose fsync failed is in the file all the same. */
function mayBeWritten(path: string, attemptId: string): boolean {
  try {
    return readLines(path).some((line) => line.includes(attemptId));
  } catch {
    return false; // who cannot read it now would not have written it either
  }
}

function guarded<T>(what: 'read' | 'written', path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new ControlError(
      'CONTROL_LEDGER_UNWRITABLE',
      `The ledger of attempts can't be ${what}, so nothing is captured: ${describeError(error)} (${path}). Free the disk or mend the folder.`,
      error,
    );
  }
}

function readClock(): { nowMs: number; machineUptimeMs: number } {
  return { nowMs: Date.now(), machineUptimeMs: uptime() * 1000 };
}
