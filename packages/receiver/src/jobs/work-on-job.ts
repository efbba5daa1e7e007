import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, HeapfloorError, type CaptureRecord } from '@heapfloor/contract';
import { ReceiverError, type ReceiverErrorCode } from '../errors.ts';
import type { LogEvent } from '../log.ts';
import type { JobStore, Lease, RecordChange } from './job-store.ts';
import { finalState, withEntry, withError, withState } from './record-changes.ts';

export interface JobPolicy {
  /** Of different services; each may hold a whole analysis in memory. */
  readonly maxConcurrentCaptures: number;
  readonly leaseMs: number;
  readonly maxAttempts: number;
  /** Pause before the second attempt; doubled before each further one. Unit: ms. */
  readonly retryBaseMs: number;
}

export interface JobContext {
  readonly store: JobStore;
  readonly policy: JobPolicy;
  readonly artifactsDirectory: string;
  readonly clock: () => Date;
  readonly logEvent: LogEvent;
  /** Does the work; its changes go through `update`. */
  readonly run: (
    record: CaptureRecord,
    tools: { update: (change: RecordChange) => Promise<CaptureRecord>; signal: AbortSignal },
  ) => Promise<CaptureRecord>;
}

/** The job belongs to another worker now: whatever was going on here must stop without a trace. */
class LeaseLostError extends Error {
  constructor() {
    super('the lease of the job went to another worker');
    this.name = 'LeaseLostError';
  }
}

/** Trouble that the same request may not meet again. Everything else is final at once. */
const RETRYABLE_CODES: ReadonlySet<string> = new Set<ReceiverErrorCode>([
  'RECEIVER_CONTROL_UNREACHABLE',
  'RECEIVER_CONTROL_UNAVAILABLE',
  'RECEIVER_ARTIFACT_MISMATCH',
  'RECEIVER_ARTIFACT_STORE',
]);
const LONGEST_RETRY_DELAY_MS = 60_000;

/** One claimed job: its lease is kept while the work lasts, and its end is written down whatever it is. */
export async function workOnJob(
  record: CaptureRecord,
  lease: Lease,
  { context, stopping }: { context: JobContext; stopping: AbortSignal },
): Promise<void> {
  const { logEvent, clock, policy } = context;
  const startedAtMs = clock().getTime();
  const keeper = keepLease(lease, context);
  const signal = AbortSignal.any([stopping, keeper.lost]);
  const update = createUpdate(lease, context.store);
  logEvent('info', 'capture-started', { captureId: record.id, attempt: record.attempts });
  try {
    if (record.attempts > policy.maxAttempts) throw exhausted(policy.maxAttempts);
    const { state } = await context.run(record, { update, signal });
    logEvent('info', 'capture-ended', {
      captureId: record.id,
      state,
      tookMs: clock().getTime() - startedAtMs,
    });
  } catch (error) {
    if (keeper.lost.aborted || error instanceof LeaseLostError) {
      logEvent('warn', 'capture-lease-lost', { captureId: record.id });
    } else if (stopping.aborted) {
      await context.store.release(lease, clock());
    } else {
      await endAttempt(record, error, { lease, context, update });
    }
  } finally {
    keeper.stop();
  }
}

function createUpdate(lease: Lease, store: JobStore): (change: RecordChange) => Promise<CaptureRecord> {
  return async (change) => {
    const updated = await store.update(lease.id, change, lease.owner);
    if (updated === null) throw new LeaseLostError();
    return updated;
  };
}

function keepLease(lease: Lease, context: JobContext): { lost: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const { leaseMs } = context.policy;
  const timer = setInterval(() => {
    context.store.renew(lease, new Date(context.clock().getTime() + leaseMs)).then(
      (isOurs) => isOurs || controller.abort(new LeaseLostError()),
      (error: unknown) => context.logEvent('error', 'lease-not-renewed', { error: describeError(error) }),
    );
  }, leaseMs / 3);
  return { lost: controller.signal, stop: () => clearInterval(timer) };
}

async function endAttempt(
  record: CaptureRecord,
  error: unknown,
  { lease, context, update }: { lease: Lease; context: JobContext; update: ReturnType<typeof createUpdate> },
): Promise<void> {
  const { policy, clock, store, logEvent, artifactsDirectory } = context;
  const trouble = describeTrouble(error);
  const now = clock();
  const fields = { captureId: record.id, attempt: record.attempts, error: describeError(error) };
  if (RETRYABLE_CODES.has(trouble.code) && record.attempts < policy.maxAttempts) {
    const delayMs = Math.min(policy.retryBaseMs * 2 ** (record.attempts - 1), LONGEST_RETRY_DELAY_MS);
    const detail = `Attempt ${record.attempts} of ${policy.maxAttempts}: ${trouble.message} Tried again in ${delayMs} ms.`;
    await update((current) => withEntry(current, now, ['retry', detail]));
    await store.release(lease, new Date(now.getTime() + delayMs));
    logEvent('warn', 'capture-retry', { ...fields, delayMs });
    return;
  }
  const current = await store.read(record.id);
  const kept = await keepStored(current ?? record, artifactsDirectory);
  await update((latest) => {
    const failed = withError({ ...latest, artifacts: kept }, trouble, now);
    return withState(failed, finalState(failed));
  });
  logEvent('error', 'capture-failed', fields);
}

/** Only what is here is listed: the app's copies can no longer be fetched. */
async function keepStored(
  record: CaptureRecord,
  artifactsDirectory: string,
): Promise<CaptureRecord['artifacts']> {
  const isThere = await Promise.all(
    record.artifacts.map(async ({ fileName }) =>
      stat(join(artifactsDirectory, record.id, fileName)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return record.artifacts.filter((_, index) => isThere[index]);
}

/** What is not ours is told without its text on the page; the log has it. */
function describeTrouble(error: unknown): { code: string; message: string } {
  return error instanceof HeapfloorError
    ? { code: error.code, message: error.message }
    : {
        code: 'INTERNAL_ERROR',
        message: 'An error that we did not foresee; the log has it. Please report it.',
      };
}

function exhausted(maxAttempts: number): ReceiverError {
  return new ReceiverError(
    'RECEIVER_ATTEMPTS_EXHAUSTED',
    `The capture was started ${maxAttempts} times and never ended: the receiver itself stopped each time.`,
  );
}
