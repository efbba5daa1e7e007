import type { FloorBreach } from '@heapfloor/contract';

/** What one export says about one process; null where it says nothing. */
export interface InstanceReading {
  /** `service.namespace/service.name`, as Prometheus makes it of OTLP. */
  readonly job: string;
  /** `service.instance.id`. */
  readonly instance: string;
  readonly service: string;
  readonly version: string | null;
  /** By the clock of the process. */
  readonly at: Date;
  readonly floorBytes: number | null;
  readonly limitBytes: number | null;
  readonly floorRatio: number | null;
  readonly heapUsedBytes: number | null;
  /** Major GCs since the process started, or since the last export with delta temporality. */
  readonly majorGcCount: number | null;
  readonly isMajorGcCountDelta: boolean;
  readonly lastMajorAgeSeconds: number | null;
  /** Null when the process counts no streak: it is not ours. */
  readonly breach: FloorBreach | null;
}

/** Names a process among all that report. */
export type InstanceIdentity = Pick<InstanceReading, 'job' | 'instance'>;
