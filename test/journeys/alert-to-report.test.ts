import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captureRecord, type CaptureRecord } from '@heapfloor/contract';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startLoad } from '../../packages/cli/src/demo/load.ts';
import { startShop } from '../../packages/cli/src/demo/start-shop.ts';
import { lookAtPage, requireChromium } from '../peers/look-at-page.ts';
import { requirePeers } from '../peers/require-peer.ts';
import { findFreePort } from '../peers/start-peer.ts';
import { PIPELINE_PEERS, startPipeline } from '../peers/start-pipeline.ts';

const INSTANCE = 'shop-7';
const TOKEN = 'journey-token-of-alertmanager';
const INTERVAL_SECONDS = 1;
const ALERT_DEADLINE_MS = 150_000;

/** Ended in reverse order, also when the test fails half-way. */
const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

describe('a leaking app behind a real Collector, Prometheus and Alertmanager', () => {
  it('ends as a report that names the class and its holder', async (context) => {
    await requirePeers(context, PIPELINE_PEERS);
    const browser = requireChromium(context);
    const directory = mkdtempSync(join(tmpdir(), 'heapfloor-journey-'));
    cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
    const port = await findFreePort();
    const pipeline = await startPipeline({
      webhookUrl: `http://127.0.0.1:${port}/hooks/alertmanager`,
      bearerToken: TOKEN,
      intervalSeconds: INTERVAL_SECONDS,
      workDirectory: join(directory, 'pipeline'),
    });
    cleanups.push(async () => pipeline.stop());
    const controlAddress = `unix:${join(directory, 'control', 'shop.sock')}`;
    const publicKeyFile = await startReceiverProcess(directory, port, pipeline.prometheusUrl, controlAddress);
    const shop = await startShop({
      limitMiB: 96,
      receiverUrl: pipeline.otlpHttpUrl,
      instance: INSTANCE,
      controlAddress,
      publicKeyFile,
      artifactDirectory: join(directory, 'shop'),
      exportIntervalMs: INTERVAL_SECONDS * 1000,
    });
    cleanups.push(shop.stop);
    const load = startLoad(shop.url, 180);
    cleanups.push(load.stop);

    const record = await Promise.race([waitForReport(`http://127.0.0.1:${port}`, load.stop), shop.died]);

    expect(record.error).toBeNull();
    expect(record.alert).toMatchObject({
      source: 'alertmanager',
      status: 'firing',
      alertname: 'NodejsHeapFloorHigh',
      labels: { job: 'shop', instance: INSTANCE, severity: 'warning' },
    });
    expect(record.alert.floorRatio).toBeGreaterThan(0.75);
    expect(record.verdict).toMatchObject({
      outcome: 'allowed',
      grantedKind: 'heap-snapshot',
      instance: INSTANCE,
    });
    expect(record.artifacts.map((artifact) => artifact.kind)).toEqual(['heap-snapshot', 'heap-snapshot']);
    expect(record.report?.suspect).toMatchObject({ constructor: 'Session', holder: 'SessionStore.sessions' });
    expect(record.report?.suspect?.shareOfGrowthRatio).toBeGreaterThan(0.5);
    expect(record.floorSamples.length).toBeGreaterThanOrEqual(2);
    expect(new Set(record.floorSamples.map((sample) => sample.limitBytes))).toEqual(new Set([96 * 2 ** 20]));

    const reportUrl = `http://127.0.0.1:${port}/captures/${record.id}`;
    const page = await fetch(reportUrl);
    const text = (await page.text()).replaceAll(/<[^>]+>/g, '').replaceAll(/\s+/g, ' ');
    expect(page.status).toBe(200);
    expect(text).toContain('Session objects pile up in SessionStore.sessions');
    expect(text).toContain('accumulates here');
    for (const look of await lookAtPage(browser, reportUrl)) {
      expect(look).toMatchObject({ overflowPx: 0, consoleErrors: [] });
    }
  });
});

/** The receiver as its users start it: the command, options from the environment. Returns the public key's path. */
async function startReceiverProcess(
  directory: string,
  port: number,
  prometheusUrl: string,
  controlAddress: string,
): Promise<string> {
  const targetsFile = join(directory, 'targets.yaml');
  writeFileSync(
    targetsFile,
    `targets:\n  - instance: ${INSTANCE}\n    service: shop\n    address: ${controlAddress}\n` +
      `    match: { job: shop, instance: ${INSTANCE} }\n`,
  );
  writeFileSync(join(directory, 'token'), `${TOKEN}\n`, { mode: 0o600 });
  const dataDirectory = join(directory, 'receiver');
  const child = spawn(
    process.execPath,
    ['--conditions=@heapfloor/source', 'packages/cli/src/main.ts', 'receiver'],
    {
      env: {
        PATH: process.env['PATH'],
        HEAPFLOOR_RECEIVER_PORT: String(port),
        HEAPFLOOR_RECEIVER_DATA_DIRECTORY: dataDirectory,
        HEAPFLOOR_RECEIVER_TARGETS_FILE: targetsFile,
        HEAPFLOOR_RECEIVER_ALERTMANAGER_BEARER_TOKEN_FILE: join(directory, 'token'),
        HEAPFLOOR_RECEIVER_PROMETHEUS_URL: prometheusUrl,
        HEAPFLOOR_RECEIVER_SNAPSHOT_GAP_MS: '3000',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  cleanups.push(async () => endProcess(child));
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(throwEarlyExit)]);
  return join(dataDirectory, 'control-public-key.pem');
}

function throwEarlyExit(): never {
  throw new Error('the receiver ended before it listened; its stderr is above');
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

async function waitForReport(receiverUrl: string, stopLoad: () => Promise<void>): Promise<CaptureRecord> {
  return vi.waitFor(
    async () => {
      const response = await fetch(`${receiverUrl}/api/captures`);
      const { captures } = (await response.json()) as { captures: unknown[] };
      const record = captureRecord.parse(captures[0]);
      // The leak has done its part; without load the shop does not die before its page is looked at.
      if (record.artifacts.length > 0) await stopLoad();
      expect(record.state).not.toMatch(/queued|running/);
      return record;
    },
    { timeout: ALERT_DEADLINE_MS, interval: 500 },
  );
}
