import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  captureResponse,
  type ArtifactManifest,
  type CaptureKind,
  type CaptureResponse,
} from '@heapfloor/contract';

/** Operations and their files in one directory; survives the process, so that a repeated command finds its answer. */
export interface OperationStore {
  readonly directory: string;
  readonly find: (captureId: string) => CaptureResponse | null;
  /** Captures that were started, also before this process: a restart must not reset a cooldown. */
  readonly attempts: () => { kind: CaptureKind; startedAtMs: number }[];
  readonly save: (response: CaptureResponse) => void;
  readonly saveManifest: (manifest: ArtifactManifest) => void;
  /** Deletes the artifacts; the operation stays known. */
  readonly deleteArtifacts: (captureId: string) => void;
}

export interface Retention {
  readonly maxArtifacts: number;
  readonly artifactMaxAgeMs: number;
}

const RECORD_SUFFIX = '.operation.json';
const MANIFEST_SUFFIX = '.manifest.json';
/** Records are small; more than these are forgotten, the oldest first. */
const MAX_RECORDS = 200;

/** @param directory - of this instance alone; what a crash left in it is cleaned up. */
export function createOperationStore(directory: string, retention: Retention): OperationStore {
  const store: OperationStore = {
    directory,
    find: (captureId) => readRecord(directory, captureId),
    attempts: () => readAttempts(directory),
    save(response) {
      if (response.operation === null) return;
      writeWhole(
        join(directory, `${response.operation.captureId}${RECORD_SUFFIX}`),
        JSON.stringify(response),
      );
      for (const path of newestFirst(directory, RECORD_SUFFIX).slice(MAX_RECORDS))
        rmSync(path, { force: true });
    },
    saveManifest(manifest) {
      const path = join(directory, `${manifest.fileName}${MANIFEST_SUFFIX}`);
      writeWhole(path, JSON.stringify(manifest, undefined, 2));
      for (const old of newestFirst(directory, MANIFEST_SUFFIX).slice(retention.maxArtifacts))
        deleteArtifact(old);
    },
    deleteArtifacts(captureId) {
      for (const path of newestFirst(directory, MANIFEST_SUFFIX)) {
        if (path.startsWith(join(directory, `${captureId}.`))) deleteArtifact(path);
      }
    },
  };
  sweep(store, retention.artifactMaxAgeMs);
  return store;
}

function readRecord(directory: string, captureId: string): CaptureResponse | null {
  const path = join(directory, `${captureId}${RECORD_SUFFIX}`);
  if (!existsSync(path)) return null;
  try {
    return captureResponse.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null; // cut off by a full disk, or of another version: as if it had not been
  }
}

function readAttempts(directory: string): { kind: CaptureKind; startedAtMs: number }[] {
  return newestFirst(directory, RECORD_SUFFIX).flatMap((path) => {
    const operation = readRecord(directory, basename(path, RECORD_SUFFIX))?.operation;
    const kind = operation?.kind ?? null;
    return operation && kind !== null ? [{ kind, startedAtMs: Date.parse(operation.startedAt) }] : [];
  });
}

/** After a crash: half-written files go, and an operation that was running is told to have failed. */
function sweep(store: OperationStore, maxAgeMs: number): void {
  for (const name of readdirSync(store.directory)) {
    if (name.endsWith('.tmp')) rmSync(join(store.directory, name), { force: true });
    if (name.endsWith(RECORD_SUFFIX)) endInterrupted(store, name.slice(0, -RECORD_SUFFIX.length));
  }
  for (const path of newestFirst(store.directory, MANIFEST_SUFFIX)) {
    if (statSync(path).mtimeMs < Date.now() - maxAgeMs) deleteArtifact(path);
  }
}

function endInterrupted(store: OperationStore, captureId: string): void {
  const response = store.find(captureId);
  if (response?.operation?.state !== 'running') return;
  const error = { code: 'CONTROL_CAPTURE_INTERRUPTED', message: 'The process ended during the capture.' };
  const finishedAt = new Date().toISOString();
  store.save({ ...response, operation: { ...response.operation, state: 'failed', finishedAt, error } });
}

function newestFirst(directory: string, suffix: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(suffix))
    .map((name) => ({ path: join(directory, name), modifiedMs: statSync(join(directory, name)).mtimeMs }))
    .toSorted((a, b) => b.modifiedMs - a.modifiedMs)
    .map(({ path }) => path);
}

function deleteArtifact(manifestPath: string): void {
  rmSync(manifestPath.slice(0, -MANIFEST_SUFFIX.length), { force: true });
  rmSync(manifestPath, { force: true });
}

function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.tmp`, text, { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}
