import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { captureResponse, type ArtifactManifest, type CaptureResponse } from '@heapfloor/contract';

/** Operations and their files in one directory; survives the process, so that a repeated command finds its answer. */
export interface OperationStore {
  readonly directory: string;
  find(captureId: string): CaptureResponse | null;
  save(response: CaptureResponse): void;
  saveManifest(manifest: ArtifactManifest): void;
  /** Deletes the artifacts; the operation stays known. */
  deleteArtifacts(captureId: string): void;
}

const RECORD_SUFFIX = '.operation.json';
/** Records are small; more than these are forgotten, the oldest first. */
const MAX_RECORDS = 200;

export function createOperationStore(directory: string, keptOperations: number): OperationStore {
  const store: OperationStore = {
    directory,
    find: (captureId) => readRecord(directory, captureId),
    save(response) {
      if (response.operation === null) return;
      const path = join(directory, `${response.operation.captureId}${RECORD_SUFFIX}`);
      writeWhole(path, JSON.stringify(response));
      prune(directory, keptOperations);
    },
    saveManifest(manifest) {
      writeWhole(
        join(directory, `${manifest.fileName}.manifest.json`),
        JSON.stringify(manifest, undefined, 2),
      );
    },
    deleteArtifacts: (captureId) => deleteArtifacts(directory, captureId),
  };
  sweep(store);
  return store;
}

function readRecord(directory: string, captureId: string): CaptureResponse | null {
  const path = join(directory, `${captureId}${RECORD_SUFFIX}`);
  if (!existsSync(path)) return null;
  const parsed = captureResponse.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  return parsed.success ? parsed.data : null;
}

/** After a crash: half-written files go, and an operation that was running is told to have failed. */
function sweep(store: OperationStore): void {
  for (const name of readdirSync(store.directory)) {
    if (name.endsWith('.tmp')) rmSync(join(store.directory, name), { force: true });
    if (!name.endsWith(RECORD_SUFFIX)) continue;
    const response = store.find(name.slice(0, -RECORD_SUFFIX.length));
    if (response?.operation?.state !== 'running') continue;
    const error = { code: 'CONTROL_CAPTURE_INTERRUPTED', message: 'The process ended during the capture.' };
    store.save({
      ...response,
      operation: { ...response.operation, state: 'failed', finishedAt: new Date().toISOString(), error },
    });
  }
}

function prune(directory: string, keptOperations: number): void {
  const records = readdirSync(directory)
    .filter((name) => name.endsWith(RECORD_SUFFIX))
    .map((name) => ({ name, modifiedMs: statSync(join(directory, name)).mtimeMs }))
    .toSorted((a, b) => b.modifiedMs - a.modifiedMs);
  for (const { name } of records.slice(keptOperations))
    deleteArtifacts(directory, name.slice(0, -RECORD_SUFFIX.length));
  for (const { name } of records.slice(MAX_RECORDS)) rmSync(join(directory, name), { force: true });
}

function deleteArtifacts(directory: string, captureId: string): void {
  for (const name of readdirSync(directory)) {
    const isOurs = name.startsWith(`${captureId}.`) && !name.endsWith(RECORD_SUFFIX);
    if (isOurs) rmSync(join(directory, name), { force: true });
  }
}

function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.tmp`, text, { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}
