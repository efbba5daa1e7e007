import { captureKind } from '@heapfloor/contract';
import { z } from 'zod';

const bytes = z.int().min(0);
const ms = z.int().min(0);
const ratio = z.number().min(0);

/**
 * What an operator decides when the app starts; nothing can change it afterwards, so that a stolen token cannot lower
 * a guard. The defaults' evidence stands in the README's guards table.
 */
export const controlOptions = z.strictObject({
  enabledKinds: z.array(captureKind).default([]).meta({
    env: 'HEAPFLOOR_CONTROL_KINDS',
    description: 'Capture kinds that may be taken. Empty: the control is off, no thread, no socket.',
  }),
  listen: z.string().min(1).optional().meta({
    env: 'HEAPFLOOR_CONTROL_LISTEN',
    description:
      '`unix:/dir/x.sock`, `http://127.0.0.1:0` or `https://0.0.0.0:9465`. Without it the socket `control.sock` in the artifact directory.',
  }),
  tlsCertFile: z.string().min(1).optional().meta({
    env: 'HEAPFLOOR_CONTROL_TLS_CERT',
    description: 'PEM of the certificate for `https:`, with its chain.',
  }),
  tlsKeyFile: z.string().min(1).optional().meta({
    env: 'HEAPFLOOR_CONTROL_TLS_KEY',
    description: 'PEM of its private key.',
  }),
  tlsClientCaFile: z.string().min(1).optional().meta({
    env: 'HEAPFLOOR_CONTROL_TLS_CLIENT_CA',
    description: 'PEM of the authority that clients need a certificate of; with it TLS is mutual.',
  }),
  instance: z.string().min(1).max(256).optional().meta({
    env: 'HEAPFLOOR_CONTROL_INSTANCE',
    description:
      'Audience of every command; one process, one instance. Without it `service.instance.id` of OTEL_RESOURCE_ATTRIBUTES, else hostname-pid.',
  }),
  publicKeyFiles: z.array(z.string().min(1)).max(2).default([]).meta({
    env: 'HEAPFLOOR_CONTROL_PUBLIC_KEYS',
    description:
      'One or two SPKI PEM files (Ed25519) of who may command; two while keys are rotated. Required, unless there are limited keys or only the signal asks.',
  }),
  limitedKeyFiles: z.array(z.string().min(1)).max(2).default([]).meta({
    env: 'HEAPFLOOR_CONTROL_LIMITED_KEYS',
    description: 'One or two more public keys whose commands may take `limitedKeyKinds` only.',
  }),
  limitedKeyKinds: z
    .array(captureKind)
    .default(['metrics-summary', 'diagnostic-report', 'heap-profile', 'cpu-profile'])
    .meta({
      env: 'HEAPFLOOR_CONTROL_LIMITED_KINDS',
      description: 'Kinds for the limited keys.',
    }),
  service: z.string().min(1).max(256).optional().meta({
    env: 'HEAPFLOOR_CONTROL_SERVICE',
    description:
      'Whose budgets, lock-outs and learned costs these are. Without it `OTEL_SERVICE_NAME`, `service.name` of OTEL_RESOURCE_ATTRIBUTES, else the instance alone.',
  }),
  killSwitchFile: z.string().min(1).optional().meta({
    env: 'HEAPFLOOR_CONTROL_KILL_SWITCH',
    description: 'While this file exists nothing is captured. Looked for at each command.',
  }),
  warmUpMs: ms.default(60_000).meta({
    env: 'HEAPFLOOR_CONTROL_WARM_UP_MS',
    description: 'No heavy capture so soon after the start of the process.',
  }),
  alertMaxAgeMs: ms.default(15 * 60_000).meta({
    env: 'HEAPFLOOR_CONTROL_ALERT_MAX_AGE_MS',
    description: 'An alert that began longer ago, or before this process, is not acted on.',
  }),
  artifactDirectory: z.string().min(1).optional().meta({
    env: 'HEAPFLOOR_CONTROL_DIRECTORY',
    description:
      'Where artifacts are kept until they are fetched, in a folder per instance; 0700 and ours. Without it `heapfloor-<uid>` under the OS temp directory.',
  }),
  maxSnapshotsPerDay: z.int().min(0).default(3).meta({
    env: 'HEAPFLOOR_CONTROL_MAX_SNAPSHOTS_PER_DAY',
    description:
      'Attempts at snapshots, timelines and near-limit arms of the service within 24 h; a pair is one attempt.',
  }),
  maxProfilesPerHour: z.int().min(0).default(12).meta({
    env: 'HEAPFLOOR_CONTROL_MAX_PROFILES_PER_HOUR',
    description: 'Attempts at profiles of the service within an hour.',
  }),
  snapshotCooldownMs: ms.default(30 * 60_000).meta({
    env: 'HEAPFLOOR_CONTROL_SNAPSHOT_COOLDOWN_MS',
    description:
      'Least time between two attempts at a heap snapshot, an allocation timeline or a near-limit arm.',
  }),
  profileCooldownMs: ms.default(10 * 60_000).meta({
    env: 'HEAPFLOOR_CONTROL_PROFILE_COOLDOWN_MS',
    description: 'Least time between two attempts at a heap sampling profile, and at a CPU profile.',
  }),
  reportCooldownMs: ms.default(60_000).meta({
    env: 'HEAPFLOOR_CONTROL_REPORT_COOLDOWN_MS',
    description: 'Least time between two attempts at a diagnostic report.',
  }),
  pauseMsPerMib: z.number().min(0).default(100).meta({
    env: 'HEAPFLOOR_CONTROL_PAUSE_MS_PER_MIB',
    description: 'Expected pause per MiB of heapUsed until the first snapshot was measured.',
  }),
  maxPauseMs: ms.default(10_000).meta({
    env: 'HEAPFLOOR_CONTROL_MAX_PAUSE_MS',
    description:
      'Longest expected pause of an instance in service; above it the instance is drained, or refuses.',
  }),
  maxDrainedPauseMs: ms.default(10 * 60_000).meta({
    env: 'HEAPFLOOR_CONTROL_MAX_DRAINED_PAUSE_MS',
    description: 'Longest expected pause of a drained instance.',
  }),
  probeBudgetMs: ms.optional().meta({
    env: 'HEAPFLOOR_CONTROL_PROBE_BUDGET_MS',
    description:
      'What your liveness probe forgives: period × failures − time-out. A pause may take half of it, unless `probeListen` answers the probe.',
  }),
  maxEventLoopUtilizationRatio: ratio.default(0.95).meta({
    env: 'HEAPFLOOR_CONTROL_MAX_EVENT_LOOP_UTILIZATION',
    description:
      'Above this share of busy time of the main loop no snapshot is taken: it would make the incident worse.',
  }),
  drain: z.boolean().default(false).meta({
    env: 'HEAPFLOOR_CONTROL_DRAIN',
    description:
      'Take the instance out of service before a long pause: `/readyz` of `probeListen` and `isReady()` say no.',
  }),
  drainNoticeMs: ms.default(5_000).meta({
    env: 'HEAPFLOOR_CONTROL_DRAIN_NOTICE_MS',
    description:
      'How long your load balancer takes to see that the instance is not ready: period × failures of its check.',
  }),
  drainTimeoutMs: ms.default(30_000).meta({
    env: 'HEAPFLOOR_CONTROL_DRAIN_TIMEOUT_MS',
    description:
      'Longest wait for the requests in flight; after it nothing is captured and the instance returns.',
  }),
  probeListen: z.string().min(1).optional().meta({
    env: 'HEAPFLOOR_CONTROL_PROBE_LISTEN',
    description:
      'Where the control thread answers `GET /livez` and `GET /readyz`, also while the main thread stands still: `http://0.0.0.0:9466`.',
  }),
  livenessTimeoutMs: ms.default(10_000).meta({
    env: 'HEAPFLOOR_CONTROL_LIVENESS_TIMEOUT_MS',
    description: 'A main loop that did not turn for so long outside a capture makes `/livez` say 503.',
  }),
  signal: z
    .string()
    .regex(/^SIG[A-Z0-9]{2,10}$/)
    .optional()
    .meta({
      env: 'HEAPFLOOR_CONTROL_SIGNAL',
      description:
        'Signal that asks for a heap snapshot, through the same guards: `SIGUSR2`. Refused if somebody listens to it.',
    }),
  snapshotDirectory: z.string().min(1).optional().meta({
    env: 'HEAPFLOOR_SNAPSHOT_DIR',
    description: 'Where what the signal asked for is written as `heap-<tag>-<pid>-<time>.heapsnapshot`.',
  }),
  snapshotTag: z
    .string()
    .regex(/^[0-9A-Za-z._-]{1,64}$/)
    .optional()
    .meta({
      env: 'HEAPFLOOR_SNAPSHOT_TAG',
      description: 'The tag in those names. Without it the service.',
    }),
  heapCeilingBytes: bytes.default(512 * 2 ** 20).meta({
    env: 'HEAPFLOOR_CONTROL_HEAP_CEILING_BYTES',
    description: 'Above this heapUsed an instance in service takes no snapshot; a drained one does.',
  }),
  headroomRatio: ratio.default(15).meta({
    env: 'HEAPFLOOR_CONTROL_HEADROOM_RATIO',
    description: 'Extra rss that a snapshot is expected to need, as a multiple of heapUsed.',
  }),
  headroomMarginRatio: ratio.default(1.25).meta({
    env: 'HEAPFLOOR_CONTROL_HEADROOM_MARGIN_RATIO',
    description: 'Safety margin on every memory prediction.',
  }),
  freeDiskRatio: ratio.default(2).meta({
    env: 'HEAPFLOOR_CONTROL_FREE_DISK_RATIO',
    description: 'Free disk that must be there, as a multiple of the predicted file.',
  }),
  artifactQuotaBytes: bytes.default(2 * 2 ** 30).meta({
    env: 'HEAPFLOOR_CONTROL_ARTIFACT_QUOTA_BYTES',
    description: 'Most bytes of artifacts in the artifact directory, of all its instances.',
  }),
  maxArtifacts: z.int().min(2).max(100).default(4).meta({
    env: 'HEAPFLOOR_CONTROL_MAX_ARTIFACTS',
    description: 'Artifacts of this instance kept on its disk; the oldest go first.',
  }),
  artifactMaxAgeMs: ms.default(24 * 3_600_000).meta({
    env: 'HEAPFLOOR_CONTROL_ARTIFACT_MAX_AGE_MS',
    description:
      'Artifacts older than this, also those of instances that have ended, are deleted when a control starts.',
  }),
  captureTimeoutMs: z
    .int()
    .min(1_000)
    .default(10 * 60_000)
    .meta({
      env: 'HEAPFLOOR_CONTROL_CAPTURE_TIMEOUT_MS',
      description: 'Longest wait for one artifact, the length of a profile not counted.',
    }),
});

export type ControlOptionsInput = z.input<typeof controlOptions>;
export type ResolvedControlOptions = z.output<typeof controlOptions>;
