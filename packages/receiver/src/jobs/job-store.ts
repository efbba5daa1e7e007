import type { AlertEvent, CaptureRecord } from '@heapfloor/contract';

/** A capture to be made, with what keeps it from being made twice. */
export interface NewJob {
  readonly record: CaptureRecord;
  readonly episodeKey: string;
  /** Whose cooldown it is: the target's instance. */
  readonly cooldownKey: string;
  readonly cooldownMs: number;
  readonly now: Date;
}

export type EnqueueOutcome =
  | { readonly outcome: 'enqueued' }
  | { readonly outcome: 'duplicate'; readonly captureId: string }
  | { readonly outcome: 'cooldown'; readonly captureId: string };

export interface Cooldown {
  readonly captureId: string;
  readonly source: AlertEvent['source'];
}

/** Who works on a job; a stranger's write to it is refused. */
export interface Lease {
  readonly id: string;
  readonly owner: string;
}

export interface ClaimRequest {
  readonly owner: string;
  readonly now: Date;
  readonly leaseMs: number;
}

export type RecordChange = (record: CaptureRecord) => CaptureRecord;

/**
 * The journal of captures. What a method returned is durable: it survives a kill and a power cut. All engines pass the
 * same contract test (`job-store-contract.ts`).
 */
export interface JobStore {
  /** Job, episode and cooldown in one transaction: of any number of racing callers one enqueues. */
  enqueue(job: NewJob): Promise<EnqueueOutcome>;
  /** Another episode of the same incident; its repeats and its resolved notice find the capture. */
  joinEpisode(episodeKey: string, captureId: string): Promise<void>;
  findByEpisode(episodeKey: string): Promise<CaptureRecord | null>;
  findCooldown(cooldownKey: string, now: Date): Promise<Cooldown | null>;
  /**
   * The job that is due for longest: a queued one, or one whose lease ran out. None of a service that has a running one:
   * its instances must not stand still together. Counts the attempt before it starts.
   */
  claim(request: ClaimRequest): Promise<CaptureRecord | null>;
  /** False when the lease went to another owner. */
  renew(lease: Lease, until: Date): Promise<boolean>;
  /** Puts a job back until `runAfter`; without effect for a stranger. */
  release(lease: Lease, runAfter: Date): Promise<void>;
  /**
   * Reads, changes and writes a record in one transaction. With an owner, null when the lease is no longer its own;
   * a record in a final state frees the lease.
   */
  update(id: string, change: RecordChange, owner?: string): Promise<CaptureRecord | null>;
  read(id: string): Promise<CaptureRecord | null>;
  /** Newest first. */
  list(limit: number): Promise<CaptureRecord[]>;
  /** The newest capture of a target. */
  findLatest(instance: string): Promise<CaptureRecord | null>;
  countOpen(): Promise<number>;
  close(): Promise<void>;
}
