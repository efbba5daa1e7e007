import { captureKind } from '@heapfloor/contract';
import { z } from 'zod';

const MIB = 2 ** 20;

/** Read once at the start of the endpoint's thread; nothing that comes over the wire changes it. */
export const controlOptions = z.strictObject({
  enabledKinds: z.array(captureKind).default([]).meta({
    env: 'HEAPFLOOR_CONTROL_KINDS',
    description: 'Kinds that may be captured; with none, control is off.',
  }),
  listen: z
    .string()
    .regex(/^(unix:\/|https?:\/\/)/, 'give unix:/path/to.sock or http://127.0.0.1:port')
    .optional()
    .meta({
      env: 'HEAPFLOOR_CONTROL_LISTEN',
      description:
        'Where to listen: `unix:/path.sock` or `http://127.0.0.1:0`; by default a socket in the artifact directory.',
    }),
  instance: z.string().min(1).max(256).optional().meta({
    env: 'HEAPFLOOR_CONTROL_INSTANCE',
    description:
      'Audience of commands; by default `service.instance.id` of `OTEL_RESOURCE_ATTRIBUTES`, else host name and pid.',
  }),
  publicKeyFiles: z
    .array(z.string().min(1))
    .min(1, 'name at least one public key: commands are always signed')
    .max(2)
    .meta({
      env: 'HEAPFLOOR_CONTROL_PUBLIC_KEYS',
      description: 'Ed25519 public keys (SPKI PEM); two for the time of a rotation.',
    }),
  artifactDirectory: z.string().min(1).optional().meta({
    env: 'HEAPFLOOR_CONTROL_DIRECTORY',
    description: 'Where artifacts are written, mode 0700; by default in the temporary folder of the system.',
  }),
  heapCeilingBytes: z
    .int()
    .min(MIB)
    .default(512 * MIB)
    .meta({
      env: 'HEAPFLOOR_CONTROL_HEAP_CEILING',
      description: 'No heap snapshot of a larger heap: its pause has no bound.',
    }),
  headroomFactor: z.number().min(1).default(10).meta({
    env: 'HEAPFLOOR_CONTROL_HEADROOM_FACTOR',
    description:
      'Memory that a heap snapshot may take, as a multiple of heapUsed: 8 measured at worst, times 1.25.',
  }),
  diskFactor: z.number().min(1).default(2).meta({
    env: 'HEAPFLOOR_CONTROL_DISK_FACTOR',
    description: 'Free disk asked for, as a multiple of the expected files.',
  }),
  snapshotCooldownMs: cooldown('SNAPSHOT', 30 * 60_000, 'heap snapshots'),
  profileCooldownMs: cooldown('PROFILE', 10 * 60_000, 'heap sampling profiles'),
  reportCooldownMs: cooldown('REPORT', 60_000, 'diagnostic reports'),
  keptOperations: z.int().min(1).max(100).default(3).meta({
    env: 'HEAPFLOOR_CONTROL_KEPT_OPERATIONS',
    description: 'Captures whose files are kept here; older ones are deleted.',
  }),
});

export type ControlOptions = z.output<typeof controlOptions>;
export type ControlOptionsInput = z.input<typeof controlOptions>;

function cooldown(name: string, defaultMs: number, what: string): z.ZodDefault<z.ZodInt> {
  return z
    .int()
    .min(0)
    .default(defaultMs)
    .meta({
      env: `HEAPFLOOR_CONTROL_${name}_COOLDOWN_MS`,
      description: `Least time between two ${what}. Unit: ms.`,
    });
}
