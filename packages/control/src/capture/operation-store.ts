import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  artifactManifest,
  captureResponse,
  type ArtifactManifest,
  type CaptureKind,
  type CaptureOperation,
  type CaptureResponse,
} from '@heapfloor/contract';
import {
  ARTIFACT_NAME,
  deleteArtifact,
  isRecordedAsRunning,
  isWhole,
  listArtifacts,
  listInstances,
  listNames,
  MANIFEST_SUFFIX,
  RECORD_SUFFIX,
  selectBeyondQuota,
  selectStale,
  statOrNull,
  type Retention,
} from './artifact-retention.ts';
import { syncDirectory, writeWhole } from './write-whole.ts';

/** Operations and their files in one directory; survives the process, so that a repeated command finds its answer. */
export interface OperationStore {
  readonly directory: string;
  readonly find: (captureId: string) => CaptureResponse | null;
  /** Captures that were started, also before this process: a restart must not reset a cooldown. */
  readonly attempts: () => { kind: CaptureKind; startedAtMs: number }[];
  /** The address of an open inspector stays in memory: who reads the file could use it. */
  readonly save: (response: CaptureResponse) => void;
  /** The file is in place and whole; from now on it counts as an artifact. */
  readonly saveManifest: (manifest: ArtifactManifest) => void;
  /** Deletes the artifacts; the operation stays known. */
  readonly deleteArtifacts: (captureId: string) => void;
}

export interface StoreContext {
  /** Tells of another instance's folder whether its process lives; a dead one runs no operation. */
  readonly hasLiveOwner?: (directory: string) => boolean;
  readonly now?: () => number;
}

/** Records are small; more than these are forgotten, the oldest first. */
const MAX_RECORDS = 200;

/** @param directory - of this instance alone, in the one of all; what a crash left in it is cleaned up. */
export function createOperationStore(
  directory: string,
  retention: Retention,
  { hasLiveOwner = () => true, now = Date.now }: StoreContext = {},
): OperationStore {
  /** As they are now: with the phase, which is not worth a write to a disk that a snapshot is written to. */
  const running = new Map<string, CaptureResponse>();
  /** On a full disk: what was to be saved is answered from here, and written with the next record that can be. */
  const unsaved = new Map<string, CaptureResponse>();

  const isRunning = (captureId: string): boolean => running.has(captureId);

  function prune(): void {
    const stale = selectStale(listArtifacts(directory), retention, { nowMs: now(), isRunning });
    for (const { path } of stale) deleteArtifact(path);
    const all = listInstances(dirname(directory)).flatMap((instance) => listArtifacts(instance));
    const beyond = selectBeyondQuota(all, retention.artifactQuotaBytes, ({ path, captureId }) => {
      const owner = dirname(path);
      if (owner === directory) return isRunning(captureId);
      return isRecordedAsRunning(owner, captureId) && hasLiveOwner(owner);
    });
    for (const { path } of beyond) deleteArtifact(path);
  }

  function save(response: CaptureResponse): void {
    const { operation } = response;
    if (operation === null) return;
    const { captureId } = operation;
    const stored = { ...response, operation: withoutUrl({ ...operation, phase: null }) };
    const before = running.get(captureId)?.operation;
    if (operation.state !== 'running') running.delete(captureId);
    else running.set(captureId, { ...response, operation: closedWithoutUrl(operation) });
    if (before && isSameRecord({ ...before, phase: operation.phase }, operation)) return;
    unsaved.set(captureId, stored);
    for (const [id, late] of unsaved) {
      writeWhole(join(directory, id + RECORD_SUFFIX), JSON.stringify(late));
      unsaved.delete(id);
    }
    for (const old of oldRecords(directory)) {
      if (!running.has(old)) rmSync(join(directory, old + RECORD_SUFFIX), { force: true });
    }
  }

  const store: OperationStore = {
    directory,
    find: (captureId) => running.get(captureId) ?? unsaved.get(captureId) ?? readRecord(directory, captureId),
    attempts: () => readAttempts(directory),
    save,
    saveManifest(manifest) {
      const path = join(directory, manifest.fileName);
      try {
        writeWhole(path + MANIFEST_SUFFIX, JSON.stringify(manifest, undefined, 2));
      } catch (error) {
        // Nobody's without its manifest, and on a full disk it would keep what others need.
        deleteArtifact(path);
        throw error;
      }
      prune();
    },
    deleteArtifacts(captureId) {
      for (const artifact of listArtifacts(directory)) {
        if (artifact.captureId === captureId) deleteArtifact(artifact.path);
      }
      syncDirectory(directory);
    },
  };
  sweep(directory, save);
  prune();
  return store;
}

/** Nothing but its phase is new. */
function isSameRecord(before: CaptureOperation, operation: CaptureOperation): boolean {
  return JSON.stringify(before) === JSON.stringify(closedWithoutUrl(operation));
}

/** Whoever has the address of an inspector can use it while it is open; later it is of no use to anybody. */
function closedWithoutUrl(operation: CaptureOperation): CaptureOperation {
  return (operation.inspector?.provenClosedAt ?? null) === null ? operation : withoutUrl(operation);
}

function withoutUrl(operation: CaptureOperation): CaptureOperation {
  const { inspector } = operation;
  return inspector === null ? operation : { ...operation, inspector: { ...inspector, webSocketUrl: '' } };
}

function readRecord(directory: string, captureId: string): CaptureResponse | null {
  try {
    return captureResponse.parse(
      JSON.parse(readFileSync(join(directory, captureId + RECORD_SUFFIX), 'utf8')),
    );
  } catch {
    return null; // none, cut off by a full disk, or of another version: as if it had not been
  }
}

function readAttempts(directory: string): { kind: CaptureKind; startedAtMs: number }[] {
  return recordIds(directory).flatMap((captureId) => {
    const operation = readRecord(directory, captureId)?.operation;
    const kind = operation?.kind ?? null;
    return operation && kind !== null ? [{ kind, startedAtMs: Date.parse(operation.startedAt) }] : [];
  });
}

/**
 * After a crash: what is half-written goes, and an operation that was running is told to have failed, with those of its
 * artifacts that are whole. A file that was in place before its manifest goes too: nothing says what it should hold. What
 * V8 wrote by itself (`Heap.<date>…heapsnapshot`) is not ours and stays.
 */
function sweep(directory: string, save: (response: CaptureResponse) => void): void {
  for (const name of listNames(directory)) {
    const path = join(directory, name);
    if (name.endsWith('.tmp')) rmSync(path, { force: true });
    else if (name.endsWith(MANIFEST_SUFFIX)) {
      const artifact = path.slice(0, -MANIFEST_SUFFIX.length);
      if (!isWhole(artifact)) deleteArtifact(artifact);
    } else if (ARTIFACT_NAME.test(name) && !isWhole(path)) deleteArtifact(path);
  }
  for (const captureId of recordIds(directory)) endInterrupted(directory, captureId, save);
}

function endInterrupted(
  directory: string,
  captureId: string,
  save: (response: CaptureResponse) => void,
): void {
  const response = readRecord(directory, captureId);
  if (response?.operation?.state !== 'running') return;
  const interrupted: CaptureOperation = {
    ...response.operation,
    state: 'failed',
    finishedAt: new Date().toISOString(),
    artifacts: readManifests(directory, captureId),
    phase: null,
    error: { code: 'CONTROL_CAPTURE_INTERRUPTED', message: 'The process ended during the capture.' },
  };
  try {
    save({ ...response, operation: interrupted });
  } catch {
    // On a full disk: the store answers from memory.
  }
}

/** In the order in which they were taken. */
function readManifests(directory: string, captureId: string): ArtifactManifest[] {
  return listArtifacts(directory)
    .filter((artifact) => artifact.captureId === captureId)
    .flatMap(({ path }) => {
      const text = readFileSync(path + MANIFEST_SUFFIX, 'utf8');
      return artifactManifest.safeParse(JSON.parse(text)).data ?? [];
    })
    .toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
}

/** The newest first. */
function recordIds(directory: string): string[] {
  return listNames(directory)
    .filter((name) => name.endsWith(RECORD_SUFFIX))
    .map((name) => ({
      captureId: name.slice(0, -RECORD_SUFFIX.length),
      modifiedMs: statOrNull(join(directory, name))?.mtimeMs ?? 0,
    }))
    .toSorted((a, b) => b.modifiedMs - a.modifiedMs)
    .map(({ captureId }) => captureId);
}

function oldRecords(directory: string): string[] {
  return recordIds(directory).slice(MAX_RECORDS);
}
