import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { controlClient } from './control-variables.ts';
import { startHeapApp } from './heap-app.ts';
import { watchPeak } from './watch-peak.ts';

export interface Snapshot {
  readonly heapUsedBytes: number;
  /** As the app itself saw it. */
  readonly stallMs: number;
  /** As it was seen from outside. */
  readonly rssGrowthBytes: number;
  /** Of the app, while the artifact is fetched; only ours. */
  readonly downloadRssGrowthBytes?: number;
}

export async function measurePlain(heapMib: number, directory: string): Promise<Snapshot> {
  mkdirSync(directory, { recursive: true });
  const app = await startHeapApp(heapMib, null);
  try {
    const { heapUsedBytes } = await app.begin();
    const peak = watchPeak(app.pid);
    await app.takePlain(join(directory, 'plain.heapsnapshot'));
    const rssGrowthBytes = peak();
    return { heapUsedBytes, rssGrowthBytes, ...(await app.end()) };
  } finally {
    await app.stop();
    rmSync(directory, { recursive: true });
  }
}

export async function measureOurs(heapMib: number, directory: string): Promise<Snapshot> {
  const app = await startHeapApp(heapMib, directory);
  try {
    const client = controlClient(directory);
    // The first request loads what waits for it.
    await client.health();
    const { heapUsedBytes } = await app.begin();
    const peak = watchPeak(app.pid);
    const captureId = 'bench-0001';
    const started = await client.capture({
      action: 'capture',
      captureId,
      kind: 'heap-snapshot',
      alertFingerprint: null,
    });
    if (started.verdict.outcome !== 'allowed') throw new Error(started.verdict.explanation);
    const { operation } = await client.waitUntilDone(captureId, { pollIntervalMs: 100 });
    const [artifact] = operation?.artifacts ?? [];
    if (artifact === undefined) throw new Error(`no artifact: ${operation?.error?.message ?? ''}`);
    const rssGrowthBytes = peak();
    const { stallMs } = await app.end();
    const download = watchPeak(app.pid);
    await client.downloadArtifact(captureId, artifact, join(directory, 'fetched'));
    return { heapUsedBytes, stallMs, rssGrowthBytes, downloadRssGrowthBytes: download() };
  } finally {
    await app.stop();
    rmSync(directory, { recursive: true });
  }
}
