import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { artifactManifest, describeError, type ArtifactManifest } from '@heapfloor/contract';
import { z } from 'zod';
import type { Log } from '../log.ts';
import { adoptNearLimitSnapshots } from './adopt-near-limit-snapshots.ts';
import { openIsolates } from './isolates.ts';
import { armNearHeapLimit } from './near-heap-limit.ts';
import type { OperationStore } from './operation-store.ts';
import type { CaptureRun, CaptureTools } from './capture-run.ts';
import { writeWhole } from './write-whole.ts';

/** What the next start must know; the manifest lacks only the file. */
const armRecord = z.object({
  sourceDirectory: z.string(),
  armedAtMs: z.number(),
  manifest: artifactManifest.omit({ fileName: true, sizeBytes: true, sha256: true, finishedAt: true }),
});
type ArmRecord = z.output<typeof armRecord>;

const RECORD_FILE = 'near-heap-limit.json';
const ARM_TIMEOUT_MS = 10_000;

/**
 * Arms, and ends: what V8 writes comes when the heap reaches its limit, most often right before the process dies. The next
 * start of this instance takes it over.
 * @returns why there is less than a fresh arm; null when there is not.
 */
export async function runNearHeapLimit(run: CaptureRun, { link }: CaptureTools): Promise<string | null> {
  const { command, verdict, directory } = run;
  return link.use(async (main) => {
    const { isolates } = await openIsolates(main, { wanted: 'main' });
    const [isolate] = isolates;
    if (isolate === undefined) throw new Error('the main isolate did not answer');
    const armedAtMs = Date.now();
    const arm = await armNearHeapLimit(isolate, ARM_TIMEOUT_MS);
    const record: ArmRecord = {
      sourceDirectory: arm.directory,
      armedAtMs,
      manifest: {
        kind: 'near-heap-limit',
        startedAt: new Date(armedAtMs).toISOString(),
        stallMs: null,
        captureId: command.captureId,
        alertFingerprint: command.alertFingerprint,
        instance: verdict.instance,
        pid: process.pid,
        isolate: 'main',
        nodeVersion: process.versions.node,
        v8Version: process.versions.v8,
        heapUsedBytes: isolate.heapUsedBytes,
        rssGrowthBytes: null,
        verdict,
      },
    };
    writeWhole(join(directory, RECORD_FILE), JSON.stringify(record));
    return arm.outcome === 'armed' ? null : `nothing new was armed: ${arm.outcome.replaceAll('-', ' ')}`;
  });
}

/** At a start: what an earlier process of this instance left when it came near its limit becomes an artifact. */
export async function adoptArmed(store: OperationStore, log: Log): Promise<void> {
  const path = join(store.directory, RECORD_FILE);
  const record = readRecord(path);
  // Our own arm still waits for its limit.
  if (record === null || (record.manifest.pid === process.pid && record.armedAtMs > processStartMs())) return;
  const { sourceDirectory, armedAtMs, manifest } = record;
  const { captureId, pid } = manifest;
  try {
    const { adopted, left } = await adoptNearLimitSnapshots({
      sourceDirectory,
      pid,
      armedAtMs,
      directory: store.directory,
      fileNameOf: (ordinal) => `${captureId}.${ordinal}.heapsnapshot`,
    });
    for (const { sourceName, reason } of left) log('near-limit-snapshot-left', { sourceName, reason });
    for (const { fileName, sizeBytes, sha256, finishedAtMs } of adopted) {
      const finishedAt = new Date(finishedAtMs).toISOString();
      keep(store, { ...manifest, fileName, sizeBytes, sha256, finishedAt });
    }
    rmSync(path, { force: true });
  } catch (error) {
    log('near-limit-snapshot-lost', { captureId, error: describeError(error) });
  }
}

function keep(store: OperationStore, manifest: ArtifactManifest): void {
  store.saveManifest(manifest);
  const response = store.find(manifest.captureId);
  if (response?.operation == null) return;
  const { operation } = response;
  store.save({ ...response, operation: { ...operation, artifacts: [...operation.artifacts, manifest] } });
}

function readRecord(path: string): ArmRecord | null {
  try {
    return armRecord.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null; // nothing was armed
  }
}

function processStartMs(): number {
  return Date.now() - process.uptime() * 1000;
}
