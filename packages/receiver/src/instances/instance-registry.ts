import type { FloorSample } from '@heapfloor/contract';
import type { InstanceIdentity, InstanceReading } from './instance-reading.ts';

/** Live numbers of one process, as `GET /api/instances` answers them. */
export interface InstanceView {
  readonly job: string;
  readonly instance: string;
  readonly service: string;
  readonly version: string | null;
  readonly floorBytes: number | null;
  readonly limitBytes: number | null;
  readonly floorRatio: number | null;
  readonly heapUsedBytes: number | null;
  readonly majorGcCount: number | null;
  readonly streak: number | null;
  readonly lastSeenAt: string;
}

export interface InstanceRegistry {
  record(reading: InstanceReading, receivedAt: Date): void;
  views(): InstanceView[];
  /** Floor samples of a process, oldest first. */
  samples(identity: Partial<InstanceIdentity>): readonly FloorSample[];
  find(identity: Partial<InstanceIdentity>): InstanceView | null;
}

interface Instance {
  reading: InstanceReading;
  majorGcCount: number | null;
  lastSeenAt: Date;
  readonly samples: FloorSample[];
}

/** As many as the capture record holds. */
const MAX_SAMPLES = 500;
const DEFAULT_MAX_INSTANCES = 1000;
/** Two ages that point to the same GC differ by scheduling and rounding only. Unit: s. */
const SAME_GC_SECONDS = 0.5;

/** Bounded memory of who reports what; the process silent for longest is forgotten first. */
export function createInstanceRegistry(maxInstances = DEFAULT_MAX_INSTANCES): InstanceRegistry {
  const instances = new Map<string, Instance>();

  function find({ job, instance }: Partial<InstanceIdentity>): Instance | undefined {
    if (instance === undefined) return undefined;
    if (job !== undefined) return instances.get(key({ job, instance }));
    return [...instances.values()].findLast(({ reading }) => reading.instance === instance);
  }

  return {
    record(reading, receivedAt) {
      const known = instances.get(key(reading));
      const updated = updateInstance(known, reading, receivedAt);
      // Deleted and set again, so that the map's order is the order of the last report.
      instances.delete(key(reading));
      instances.set(key(reading), updated);
      for (const oldest of instances.keys()) {
        if (instances.size <= maxInstances) break;
        instances.delete(oldest);
      }
    },
    views: () => [...instances.values()].map(toView),
    samples: (identity) => [...(find(identity)?.samples ?? [])],
    find(identity) {
      const found = find(identity);
      return found === undefined ? null : toView(found);
    },
  };
}

/** An old gauge value is exported again and again; only a new major GC makes a sample. */
export function isNewMajorGc(previous: InstanceReading, current: InstanceReading): boolean {
  if (current.majorGcCount !== null && previous.majorGcCount !== null) {
    // Lower than before: another process under the same name.
    return current.isMajorGcCountDelta
      ? current.majorGcCount > 0
      : current.majorGcCount !== previous.majorGcCount;
  }
  if (current.lastMajorAgeSeconds !== null && previous.lastMajorAgeSeconds !== null) {
    return Math.abs(gcAtMs(current) - gcAtMs(previous)) > SAME_GC_SECONDS * 1000;
  }
  return current.floorBytes !== previous.floorBytes || current.breach?.streak !== previous.breach?.streak;
}

function updateInstance(known: Instance | undefined, reading: InstanceReading, receivedAt: Date): Instance {
  // An exporter repeats a failed export late: what is older than what we know adds nothing.
  if (known !== undefined && reading.at < known.reading.at) return { ...known, lastSeenAt: receivedAt };
  const isSample = known === undefined ? reading.majorGcCount !== 0 : isNewMajorGc(known.reading, reading);
  const samples = known?.samples ?? [];
  if (isSample && reading.floorBytes !== null && reading.limitBytes !== null) {
    samples.push(toSample(reading, reading.floorBytes, reading.limitBytes));
    if (samples.length > MAX_SAMPLES) samples.shift();
  }
  return { reading, majorGcCount: countMajorGcs(known, reading), lastSeenAt: receivedAt, samples };
}

function countMajorGcs(known: Instance | undefined, reading: InstanceReading): number | null {
  if (!reading.isMajorGcCountDelta || reading.majorGcCount === null) return reading.majorGcCount;
  return (known?.majorGcCount ?? 0) + reading.majorGcCount;
}

function toSample(reading: InstanceReading, floorBytes: number, limitBytes: number): FloorSample {
  return {
    at: new Date(gcAtMs(reading)).toISOString(),
    floorBytes,
    limitBytes,
    heapUsedBytes: reading.heapUsedBytes,
  };
}

/** When the GC was, not when it was exported. */
function gcAtMs(reading: InstanceReading): number {
  return reading.at.getTime() - (reading.lastMajorAgeSeconds ?? 0) * 1000;
}

function toView({ reading, majorGcCount, lastSeenAt }: Instance): InstanceView {
  const { job, instance, service, version, floorBytes, limitBytes, floorRatio, heapUsedBytes } = reading;
  return {
    job,
    instance,
    service,
    version,
    floorBytes,
    limitBytes,
    floorRatio,
    heapUsedBytes,
    majorGcCount,
    streak: reading.breach?.streak ?? null,
    lastSeenAt: lastSeenAt.toISOString(),
  };
}

function key({ job, instance }: InstanceIdentity): string {
  return JSON.stringify([job, instance]);
}
