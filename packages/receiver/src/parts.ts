import type { InstanceRegistry } from './instances/instance-registry.ts';
import type { JobStore } from './jobs/job-store.ts';
import type { LogEvent } from './log.ts';
import type { ReceiverOptions } from './options.ts';
import type { TargetRegistry } from './targets/target-registry.ts';

/** What is made of options and files at the start; everything else is composed of it. */
export interface Parts {
  readonly options: ReceiverOptions;
  readonly targets: TargetRegistry;
  readonly store: JobStore;
  readonly instances: InstanceRegistry;
  readonly artifactsDirectory: string;
  readonly privateKeyPem: string;
  readonly clock: () => Date;
  readonly logEvent: LogEvent;
}
