import { join } from 'node:path';
import {
  FLOOR_THRESHOLD_RATIO,
  type ArtifactManifest,
  type CaptureRecord,
  type FloorSample,
} from '@heapfloor/contract';
import { suspectToJson } from '../commands/compare.ts';

/** The last line of `heapfloor demo --once --json`. */
export interface DemoResult {
  readonly floorBytes: number;
  readonly limitBytes: number;
  /** floorBytes / limitBytes when the alert fired. Unit: 1. */
  readonly utilization: number;
  /** Distinct major GCs above the threshold that the alert stands on. */
  readonly samples: number;
  readonly alertAt: string;
  readonly captureVerdict: string;
  readonly artifacts: readonly Record<string, unknown>[];
  readonly suspect: Record<string, unknown> | null;
}

export function toResult(record: CaptureRecord, artifactDirectory: string): DemoResult {
  const above = samplesAtAlert(record);
  const last = above.at(-1);
  return {
    floorBytes: last?.floorBytes ?? 0,
    limitBytes: last?.limitBytes ?? 0,
    utilization: last === undefined ? (record.alert.floorRatio ?? 0) : last.floorBytes / last.limitBytes,
    samples: above.length,
    alertAt: record.alert.startsAt,
    captureVerdict: record.verdict?.outcome ?? 'refused',
    artifacts: record.artifacts.map((artifact) => toArtifact(artifact, artifactDirectory)),
    suspect: suspectToJson(record.report?.suspect ?? null),
  };
}

/** The unbroken run of samples above the threshold that ends at the alert, oldest first. */
export function samplesAtAlert(record: CaptureRecord): FloorSample[] {
  const alertMs = Date.parse(record.alert.startsAt);
  const until = record.floorSamples.filter((sample) => Date.parse(sample.at) <= alertMs);
  const lastBelow = until.findLastIndex(
    (sample) => sample.floorBytes / sample.limitBytes <= FLOOR_THRESHOLD_RATIO,
  );
  return until.slice(lastBelow + 1);
}

function toArtifact(artifact: ArtifactManifest, directory: string): Record<string, unknown> {
  const { fileName, kind, sizeBytes, sha256, stallMs } = artifact;
  return { kind, path: join(directory, fileName), sizeBytes, sha256, stallMs };
}
