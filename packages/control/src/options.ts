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
      '`unix:/dir/x.sock` or `http://127.0.0.1:0`. Without it the socket `control.sock` in the artifact directory.',
  }),
  instance: z.string().min(1).max(256).optional().meta({
    env: 'HEAPFLOOR_CONTROL_INSTANCE',
    description:
      'Audience of every command; one process, one instance. Without it `service.instance.id` of OTEL_RESOURCE_ATTRIBUTES, else hostname-pid.',
  }),
  publicKeyFiles: z.array(z.string().min(1)).max(2).default([]).meta({
    env: 'HEAPFLOOR_CONTROL_PUBLIC_KEYS',
    description:
      'One or two SPKI PEM files (Ed25519) of who may command; two while keys are rotated. Required when on.',
  }),
  artifactDirectory: z.string().min(1).optional().meta({
    env: 'HEAPFLOOR_CONTROL_DIRECTORY',
    description:
      'Where artifacts are kept until they are fetched, in a folder per instance; 0700 and ours. Without it `heapfloor-<uid>` under the OS temp directory.',
  }),
  snapshotCooldownMs: ms.default(30 * 60_000).meta({
    env: 'HEAPFLOOR_CONTROL_SNAPSHOT_COOLDOWN_MS',
    description: 'Least time between two attempts at a heap snapshot.',
  }),
  profileCooldownMs: ms.default(10 * 60_000).meta({
    env: 'HEAPFLOOR_CONTROL_PROFILE_COOLDOWN_MS',
    description: 'Least time between two attempts at a heap sampling profile.',
  }),
  reportCooldownMs: ms.default(60_000).meta({
    env: 'HEAPFLOOR_CONTROL_REPORT_COOLDOWN_MS',
    description: 'Least time between two attempts at a diagnostic report.',
  }),
  heapCeilingBytes: bytes.default(512 * 2 ** 20).meta({
    env: 'HEAPFLOOR_CONTROL_HEAP_CEILING_BYTES',
    description: 'Above this heapUsed no snapshot is taken: the pause grows with the heap.',
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
