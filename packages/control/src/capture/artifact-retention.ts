import { readdirSync, readFileSync, rmSync, statSync, type Stats } from 'node:fs';
import { basename, join } from 'node:path';
import { artifactManifest } from '@heapfloor/contract';

export const RECORD_SUFFIX = '.operation.json';
export const MANIFEST_SUFFIX = '.manifest.json';

export interface StoredArtifact {
  /** Without the manifest's suffix. */
  readonly path: string;
  readonly captureId: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

export interface Retention {
  /** Of this instance. */
  readonly maxArtifacts: number;
  readonly artifactMaxAgeMs: number;
  /** Of all instances in the artifact directory. */
  readonly artifactQuotaBytes: number;
}

/** Which artifacts of one instance go, by count and age. Of a running operation none does. */
export function selectStale(
  artifacts: readonly StoredArtifact[],
  { maxArtifacts, artifactMaxAgeMs }: Pick<Retention, 'maxArtifacts' | 'artifactMaxAgeMs'>,
  { nowMs, isRunning }: { nowMs: number; isRunning: (captureId: string) => boolean },
): StoredArtifact[] {
  return newestFirst(artifacts).filter(
    ({ captureId, modifiedMs }, index) =>
      !isRunning(captureId) && (index >= maxArtifacts || modifiedMs < nowMs - artifactMaxAgeMs),
  );
}

/** The oldest ones, until what is left fits. */
export function selectBeyondQuota(
  artifacts: readonly StoredArtifact[],
  quotaBytes: number,
  isRunning: (artifact: StoredArtifact) => boolean,
): StoredArtifact[] {
  let usedBytes = artifacts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return newestFirst(artifacts)
    .toReversed()
    .filter((artifact) => {
      if (usedBytes <= quotaBytes || isRunning(artifact)) return false;
      usedBytes -= artifact.sizeBytes;
      return true;
    });
}

/** Whole artifacts in the folder of one instance. */
export function listArtifacts(directory: string): StoredArtifact[] {
  return listNames(directory).flatMap((name) => {
    if (!name.endsWith(MANIFEST_SUFFIX)) return [];
    const path = join(directory, name.slice(0, -MANIFEST_SUFFIX.length));
    const stats = statOrNull(path);
    const manifest = statOrNull(path + MANIFEST_SUFFIX);
    if (stats === null || manifest === null) return [];
    const captureId = basename(path).split('.')[0] ?? '';
    return [{ path, captureId, sizeBytes: stats.size, modifiedMs: manifest.mtimeMs }];
  });
}

export function listInstances(base: string): string[] {
  return listNames(base)
    .map((name) => join(base, name))
    .filter((path) => statOrNull(path)?.isDirectory() === true);
}

/** What the artifacts of all instances take, with those that are being written. */
export function readArtifactBytes(base: string): number {
  let usedBytes = 0;
  for (const directory of listInstances(base)) {
    for (const name of listNames(directory)) {
      if (ARTIFACT_NAME.test(name)) usedBytes += statOrNull(join(directory, name))?.size ?? 0;
    }
  }
  return usedBytes;
}

/** `<captureId>.<ordinal>.…`, with the `.tmp` of one that is being written. A manifest counts too, it is small. */
export const ARTIFACT_NAME = /^[0-9a-z][0-9a-z-]{7,63}\.[0-9]+\.[0-9A-Za-z._-]+$/;

export function deleteArtifact(path: string): void {
  // The manifest first: a file without one is nobody's and is swept; one without a file would promise something.
  rmSync(path + MANIFEST_SUFFIX, { force: true });
  rmSync(path, { force: true });
}

/** Of another instance, by what it has written down. */
export function isRecordedAsRunning(directory: string, captureId: string): boolean {
  try {
    const text = readFileSync(join(directory, captureId + RECORD_SUFFIX), 'utf8');
    const { operation } = JSON.parse(text) as { readonly operation?: { readonly state?: unknown } };
    return operation?.state === 'running';
  } catch {
    return false;
  }
}

/** True where the manifest tells the truth about the file's size; its hash was taken while it was written. */
export function isWhole(path: string): boolean {
  try {
    const text = readFileSync(path + MANIFEST_SUFFIX, 'utf8');
    const manifest = SIZE_IN_MANIFEST.parse(JSON.parse(text));
    return manifest.fileName === basename(path) && statOrNull(path)?.size === manifest.sizeBytes;
  } catch {
    return false;
  }
}

/** No more of it: an artifact of an older version is evidence, too. */
const SIZE_IN_MANIFEST = artifactManifest.pick({ fileName: true, sizeBytes: true });

export function listNames(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // gone meanwhile, swept by another instance
  }
}

export function statOrNull(path: string): Stats | null {
  return statSync(path, { throwIfNoEntry: false }) ?? null;
}

function newestFirst(artifacts: readonly StoredArtifact[]): StoredArtifact[] {
  return artifacts.toSorted((a, b) => b.modifiedMs - a.modifiedMs || (a.path < b.path ? 1 : -1));
}
