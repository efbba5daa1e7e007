import { z } from 'zod';

/** Rungs of the capture ladder, cheapest first. */
export const CAPTURE_KINDS = ['diagnostic-report', 'heap-profile', 'heap-snapshot'] as const;
export const captureKind = z.enum(CAPTURE_KINDS);
export type CaptureKind = z.output<typeof captureKind>;

/** Longest life of a signed command. Unit: s. */
export const COMMAND_MAX_AGE_SECONDS = 60;
/** Claim of the JWT that carries the command. */
export const COMMAND_CLAIM = 'heapfloor';
/** Signature algorithm of commands (RFC 8037). */
export const COMMAND_ALGORITHM = 'EdDSA';

/** Lower-case letters, digits and `-`: safe as a file name and in a URL. */
export const captureId = z.string().regex(/^[0-9a-z][0-9a-z-]{7,63}$/);

/** Take evidence. Sent as `POST /v1/captures`; repeating it with the same id returns the same operation. */
export const captureCommand = z.strictObject({
  action: z.literal('capture'),
  captureId,
  kind: captureKind,
  alertFingerprint: z.string().max(128).nullable(),
  /** Return the verdict and do nothing. */
  dryRun: z.boolean().default(false),
  /** Heap snapshots to take; two give a comparison. */
  snapshotCount: z.int().min(1).max(2).default(1),
  /** Pause between two snapshots. Unit: ms. */
  snapshotGapMs: z.int().min(0).max(600_000).default(10_000),
  /** Length of a heap sampling profile. Unit: ms. */
  profileDurationMs: z.int().min(1_000).max(300_000).default(30_000),
});
export type CaptureCommand = z.output<typeof captureCommand>;

/** Read an operation or stream one of its artifacts: `GET /v1/captures/{id}[/artifacts/{fileName}]`. */
export const readCommand = z.strictObject({ action: z.literal('read'), captureId });
/** Delete the local artifacts of an operation once they are safe elsewhere: `DELETE /v1/captures/{id}`. */
export const deleteCommand = z.strictObject({ action: z.literal('delete'), captureId });

/** What the `heapfloor` claim of the signed JWT holds; `aud` is the instance, `jti` the nonce. */
export const controlCommand = z.discriminatedUnion('action', [captureCommand, readCommand, deleteCommand]);
export type ControlCommand = z.output<typeof controlCommand>;
export type ControlCommandInput = z.input<typeof controlCommand>;

/** The judgement of one guard on one rung, with every number that it used. */
export const guardResult = z.object({
  /** kind-enabled, single-flight, cooldown, heap-ceiling, memory-headroom, free-disk, event-loop. */
  guard: z.string(),
  outcome: z.enum(['allowed', 'refused']),
  /** One sentence with the numbers, for a person. */
  reason: z.string(),
  /** The numbers alone; a unit ends each name (`neededBytes`, `cooldownMs`). */
  numbers: z.record(z.string(), z.number()),
  /** When a refusal by time ends; null when time alone does not help. */
  retryAt: z.iso.datetime({ offset: true }).nullable(),
});
export type GuardResult = z.output<typeof guardResult>;

/** Guards of one rung, in the order of evaluation. */
export const verdictStep = z.object({
  kind: captureKind,
  outcome: z.enum(['allowed', 'refused']),
  guards: z.array(guardResult),
});
export type VerdictStep = z.output<typeof verdictStep>;

export const verdict = z.object({
  requestedKind: captureKind,
  /** What will be taken; null when every rung was refused. */
  grantedKind: captureKind.nullable(),
  outcome: z.enum(['allowed', 'downgraded', 'refused']),
  dryRun: z.boolean(),
  instance: z.string(),
  evaluatedAt: z.iso.datetime({ offset: true }),
  /** Rungs tried, the requested one first. */
  steps: z.array(verdictStep),
  /** The whole verdict in a sentence or two, with the deciding numbers. */
  explanation: z.string(),
});
export type Verdict = z.output<typeof verdict>;

/** Provenance of one artifact; written beside the file as `<fileName>.manifest.json`. */
export const artifactManifest = z.object({
  fileName: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z._-]{0,199}$/),
  kind: captureKind,
  sizeBytes: z.int().min(0),
  /** Lower-case hex of the file's SHA-256. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  startedAt: z.iso.datetime({ offset: true }),
  finishedAt: z.iso.datetime({ offset: true }),
  /** Longest time the main thread stood still for this artifact; null where it was not measured. Unit: ms. */
  stallMs: z.number().min(0).nullable(),
  captureId,
  alertFingerprint: z.string().nullable(),
  instance: z.string(),
  pid: z.int(),
  /** Isolate that was captured; only the main one so far. */
  isolate: z.literal('main'),
  nodeVersion: z.string(),
  v8Version: z.string(),
  heapUsedBytes: z.int().min(0),
  verdict,
});
export type ArtifactManifest = z.output<typeof artifactManifest>;

/** State of a capture inside the app. */
export const captureOperation = z.object({
  captureId,
  state: z.enum(['running', 'succeeded', 'failed', 'refused']),
  kind: captureKind.nullable(),
  startedAt: z.iso.datetime({ offset: true }),
  finishedAt: z.iso.datetime({ offset: true }).nullable(),
  artifacts: z.array(artifactManifest),
  /** Beside `succeeded`: why fewer artifacts were taken than asked for. */
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type CaptureOperation = z.output<typeof captureOperation>;

/** Answer of `POST /v1/captures` and `GET /v1/captures/{id}`. `operation` is null for a dry run. */
export const captureResponse = z.object({ verdict, operation: captureOperation.nullable() });
export type CaptureResponse = z.output<typeof captureResponse>;
