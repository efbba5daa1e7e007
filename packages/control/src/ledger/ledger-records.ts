import { captureKind, type CaptureKind } from '@heapfloor/contract';
import { z } from 'zod';

/** `died`: written by another process, which found this one gone. */
export const attemptOutcome = z.enum(['succeeded', 'failed', 'interrupted', 'died']);
export type AttemptOutcome = z.output<typeof attemptOutcome>;

const atMs = z.number();

const processIdentity = z.object({
  pid: z.int().min(1),
  startTicks: z.string().nullable(),
  bootId: z.string().nullable(),
  pidNamespace: z.string().nullable(),
  host: z.string(),
  token: z.string().min(1),
});

export const attemptRecord = z.object({
  type: z.literal('begin'),
  /** Two instances may be given the same captureId. */
  attemptId: z.string().min(1),
  captureId: z.string(),
  kind: captureKind,
  instance: z.string(),
  atMs,
  /** Of the machine: within one boot it tells the age of the attempt whatever somebody did to the clock. */
  machineUptimeMs: z.number(),
  longestMs: z.number().min(0),
  process: processIdentity,
});
export type AttemptRecord = z.output<typeof attemptRecord>;

export const ledgerRecord = z.discriminatedUnion('type', [
  attemptRecord,
  z.object({ type: z.literal('end'), attemptId: z.string(), outcome: attemptOutcome, atMs }),
  /** The process, or its control thread, ended by itself. */
  z.object({ type: z.literal('exit'), token: z.string(), atMs }),
  /** Names the deaths that it forgives: one that comes later locks out again. */
  z.object({
    type: z.literal('reset'),
    kind: captureKind,
    by: z.string(),
    attemptIds: z.array(z.string()),
    atMs,
  }),
]);
export type LedgerRecord = z.output<typeof ledgerRecord>;

/** One attempt, and all that was ever written about it, in whatever order. */
export interface Attempt {
  readonly begin: AttemptRecord;
  readonly outcome: AttemptOutcome | null;
  readonly isForgiven: boolean;
}

export interface LedgerClock {
  readonly nowMs: number;
  readonly machineUptimeMs: number;
  readonly bootId: string | null;
  /** When this ledger was opened; what seems to come from the future is taken to be of then. */
  readonly openedAtMs: number;
}

/** Null for what is torn, garbage, or of another version. */
export function parseRecord(line: string): LedgerRecord | null {
  try {
    return ledgerRecord.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

export function toAttempts(records: readonly LedgerRecord[]): Attempt[] {
  const ended = new Map<string, AttemptOutcome>();
  const exited = new Set<string>();
  const forgiven = new Set<string>();
  for (const record of records) {
    if (record.type === 'exit') exited.add(record.token);
    else if (record.type === 'reset') record.attemptIds.forEach((id) => forgiven.add(id));
    else if (record.type === 'end') {
      // What the process says of itself outweighs what another one found.
      const isNews = record.outcome !== 'died' || !ended.has(record.attemptId);
      if (isNews) ended.set(record.attemptId, record.outcome);
    }
  }
  return records.flatMap((begin) => {
    if (begin.type !== 'begin') return [];
    const said = ended.get(begin.attemptId) ?? null;
    const isOrderly = (said === null || said === 'died') && exited.has(begin.process.token);
    const outcome = isOrderly ? 'interrupted' : said;
    return [{ begin, outcome, isForgiven: forgiven.has(begin.attemptId) }];
  });
}

/** By the clock of now. */
export function startedAtMs({ atMs, machineUptimeMs, process }: AttemptRecord, clock: LedgerClock): number {
  const ageMs = clock.machineUptimeMs - machineUptimeMs;
  const isSameBoot = process.bootId !== null && process.bootId === clock.bootId;
  if (isSameBoot && ageMs >= 0) return Math.round(clock.nowMs - ageMs);
  return atMs <= clock.nowMs ? atMs : clock.openedAtMs;
}

/** The longest budget counts 24 h; a week lets a person look back. Unit: ms. */
export const KEPT_MS = 8 * 24 * 3_600_000;
/** Of each kind; more than any budget counts. */
const MAX_ENDED_COUNT = 1_000;

/**
 * What a compaction keeps: all that has not ended, deaths that are not forgiven, and what ended within {@link KEPT_MS}.
 * Of lines of another version, which ones are old is all that can be told.
 */
export function selectLines(lines: readonly string[], clock: LedgerClock): string[] {
  const records = lines.flatMap((line) => parseRecord(line) ?? []);
  const keptIds = new Set<string>();
  const keptTokens = new Set<string>();
  const endedCounts = new Map<CaptureKind, number>();
  const newestFirst = toAttempts(records).toSorted(
    (a, b) => startedAtMs(b.begin, clock) - startedAtMs(a.begin, clock),
  );
  for (const { begin, outcome, isForgiven } of newestFirst) {
    const isOver = outcome !== null && (outcome !== 'died' || isForgiven);
    const endedCount = (endedCounts.get(begin.kind) ?? 0) + (isOver ? 1 : 0);
    endedCounts.set(begin.kind, endedCount);
    const isOld = startedAtMs(begin, clock) < clock.nowMs - KEPT_MS;
    if (isOver && (isOld || endedCount > MAX_ENDED_COUNT)) continue;
    keptIds.add(begin.attemptId);
    keptTokens.add(begin.process.token);
  }
  return lines.filter((line) => {
    const record = parseRecord(line);
    if (record === null) return isYoungOfAnotherVersion(line, clock.nowMs);
    if (record.type === 'exit') return keptTokens.has(record.token);
    if (record.type === 'reset') return record.attemptIds.some((id) => keptIds.has(id));
    return keptIds.has(record.attemptId);
  });
}

function isYoungOfAnotherVersion(line: string, nowMs: number): boolean {
  try {
    const { atMs } = JSON.parse(line) as { readonly atMs?: unknown };
    return typeof atMs === 'number' && atMs > nowMs - KEPT_MS;
  } catch {
    return false;
  }
}
