import { z } from 'zod';

/** What can be asked of an app, cheapest first. */
export const CAPTURE_KINDS = [
  'metrics-summary',
  'diagnostic-report',
  'heap-profile',
  'cpu-profile',
  'allocation-timeline',
  'near-heap-limit',
  'heap-snapshot',
  'inspector',
] as const;
export const captureKind = z.enum(CAPTURE_KINDS);
export type CaptureKind = z.output<typeof captureKind>;

/**
 * The ladder: what is taken instead of a refused kind, the best first. A refused snapshot is no reason for a CPU profile,
 * which says nothing about memory; who asks for an inspector wants nothing else.
 */
export const CAPTURE_FALLBACKS: Readonly<Record<CaptureKind, readonly CaptureKind[]>> = {
  'metrics-summary': [],
  'diagnostic-report': ['metrics-summary'],
  'heap-profile': ['diagnostic-report', 'metrics-summary'],
  'cpu-profile': ['diagnostic-report', 'metrics-summary'],
  'allocation-timeline': ['heap-profile', 'diagnostic-report', 'metrics-summary'],
  'near-heap-limit': ['heap-profile', 'diagnostic-report', 'metrics-summary'],
  'heap-snapshot': ['heap-profile', 'diagnostic-report', 'metrics-summary'],
  inspector: [],
};

/** Name of an isolate, as the metrics' `heapfloor.isolate` says it; the number is Node's `threadId`. */
export const isolateName = z.string().regex(/^(?:main|worker-[0-9]{1,9})$/);

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
  /** When the alert began; null where no alert asks. An old alert, or one older than the process, is refused. */
  alertStartsAt: z.iso.datetime({ offset: true }).nullable().default(null),
  /** Whose heap or CPU; `all` is the main isolate and every worker, one after the other. */
  isolate: z.union([isolateName, z.literal('all')]).default('main'),
  /** Return the verdict and do nothing. */
  dryRun: z.boolean().default(false),
  /** Heap snapshots to take; two give a comparison. */
  snapshotCount: z.int().min(1).max(2).default(1),
  /** Pause between two snapshots. Unit: ms. */
  snapshotGapMs: z.int().min(0).max(600_000).default(10_000),
  /** Length of a heap sampling profile, a CPU profile or an allocation timeline. Unit: ms. */
  profileDurationMs: z.int().min(1_000).max(300_000).default(30_000),
  /** How long an inspector stays open at most. Unit: ms. */
  inspectorTtlMs: z.int().min(1_000).max(600_000).default(300_000),
  /** Loopback port of the inspector; 0 takes a free one. */
  inspectorPort: z.int().min(0).max(65_535).default(0),
});
export type CaptureCommand = z.output<typeof captureCommand>;

/** Read an operation or stream one of its artifacts: `GET /v1/captures/{id}[/artifacts/{fileName}]`. */
export const readCommand = z.strictObject({ action: z.literal('read'), captureId });
/** Delete the local artifacts of an operation once they are safe elsewhere: `DELETE /v1/captures/{id}`. */
export const deleteCommand = z.strictObject({ action: z.literal('delete'), captureId });

/**
 * End a profile or an inspector before its time: `POST /v1/captures/{id}/stop`. What a profile has until then is kept. A
 * heap snapshot cannot be stopped.
 */
export const stopCommand = z.strictObject({ action: z.literal('stop'), captureId });
/** Let a kind be taken again after a process died while it was taken: `POST /v1/lockouts/{kind}/reset`. */
export const resetCommand = z.strictObject({ action: z.literal('reset'), kind: captureKind });

/** What the `heapfloor` claim of the signed JWT holds; `aud` is the instance, `jti` the nonce. */
export const controlCommand = z.discriminatedUnion('action', [
  captureCommand,
  readCommand,
  deleteCommand,
  stopCommand,
  resetCommand,
]);
export type ControlCommand = z.output<typeof controlCommand>;
export type ControlCommandInput = z.input<typeof controlCommand>;

/** The judgement of one guard on one rung, with every number that it used. */
export const guardResult = z.object({
  /** Kebab-case name; the table of guards is in the README of `control`. */
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
  /** The instance is taken out of service for it: its predicted pause is longer than the policy allows in service. */
  drains: z.boolean().default(false),
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
  isolate: isolateName,
  nodeVersion: z.string(),
  v8Version: z.string(),
  /** Of the isolate, right before. */
  heapUsedBytes: z.int().min(0),
  /** How much rss grew at most while it was taken; null where it was not measured. Unit: bytes. */
  rssGrowthBytes: z.int().min(0).nullable().default(null),
  verdict,
});
export type ArtifactManifest = z.output<typeof artifactManifest>;

/** An isolate of the process, and whether the capture covered it. */
export const isolateCoverage = z.object({
  isolate: isolateName,
  /** `name` of the worker; empty for the main thread and unnamed workers. */
  name: z.string(),
  isCovered: z.boolean(),
  /** Why not; null where it was not asked for, or is covered. */
  reason: z.string().nullable(),
});
export type IsolateCoverage = z.output<typeof isolateCoverage>;

/** How to reach an open inspector. Whoever has the URL can run any code in the app. */
export const inspectorAccess = z.object({
  /** On loopback of the app's host, with a token in its path. */
  webSocketUrl: z.string(),
  port: z.int(),
  expiresAt: z.iso.datetime({ offset: true }),
  /** From the closing: a connection to the port was refused. Null while it is open. */
  provenClosedAt: z.iso.datetime({ offset: true }).nullable(),
});
export type InspectorAccess = z.output<typeof inspectorAccess>;

/** State of a capture inside the app. */
export const captureOperation = z.object({
  captureId,
  state: z.enum(['running', 'succeeded', 'failed', 'refused']),
  kind: captureKind.nullable(),
  startedAt: z.iso.datetime({ offset: true }),
  finishedAt: z.iso.datetime({ offset: true }).nullable(),
  artifacts: z.array(artifactManifest),
  /** What it does now, for a person: `draining, 3 requests in flight`. Null when it runs no more. */
  phase: z.string().nullable().default(null),
  /** Every isolate of the process; empty until they are known. */
  isolates: z.array(isolateCoverage).default([]),
  inspector: inspectorAccess.nullable().default(null),
  /** Beside `succeeded`: why fewer artifacts were taken than asked for. */
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type CaptureOperation = z.output<typeof captureOperation>;

/** A child of Node's `cluster`: a process of its own, which is captured by a command of its own. */
export const clusterChild = z.object({ instance: z.string(), address: z.string() });
export type ClusterChild = z.output<typeof clusterChild>;

/** Answer of `POST /v1/captures` and `GET /v1/captures/{id}`. `operation` is null for a dry run. */
export const captureResponse = z.object({
  verdict,
  operation: captureOperation.nullable(),
  /** In the answer to a `capture` of all isolates. */
  children: z.array(clusterChild).optional(),
});
export type CaptureResponse = z.output<typeof captureResponse>;
