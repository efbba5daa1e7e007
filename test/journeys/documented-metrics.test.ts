/**
 * Every documented metric, exported by a real process as JSON and as protobuf, through a real Collector into a real
 * Prometheus, and read back by PromQL under the name that the README gives it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ALL_METRICS, type MetricDeclaration } from '@heapfloor/contract/metrics';
import { prometheusLabel, prometheusName } from '@heapfloor/mixin';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createApps } from '../../packages/control/src/testing/control-app.fixture.ts';
import { describeMissingPeers } from '../peers/find-peer.ts';
import { queryPrometheus } from '../peers/query-prometheus.ts';
import { requirePeers } from '../peers/require-peer.ts';
import { PIPELINE_PEERS, startPipeline, type Pipeline } from '../peers/start-pipeline.ts';

const REGISTER = fileURLToPath(new URL('../../packages/instrumentation/src/register.ts', import.meta.url));
const PROTOCOLS = ['http/json', 'http/protobuf'];

/** Floors for the growth, resources for the counts; the container's limit as a container would have it. */
const CODE = `
  const v8 = process.getBuiltinModule('node:v8');
  v8.setFlagsFromString('--expose-gc');
  const gc = process.getBuiltinModule('node:vm').runInNewContext('gc');
  setInterval(gc, 250);`;
const IN_CONTAINER =
  'data:text/javascript,process.constrainedMemory=()=>2**33;process.availableMemory=()=>2**32';

describe('documented metrics', () => {
  const isReady =
    process.env['HEAPFLOOR_PEERS'] === 'docker' || describeMissingPeers(PIPELINE_PEERS) === null;
  const workDirectory = mkdtempSync(join(tmpdir(), 'heapfloor-metrics-'));
  const apps = createApps();
  const proxies: Server[] = [];
  let pipeline: Pipeline;

  beforeAll(async () => {
    if (!isReady) return;
    pipeline = await startPipeline({
      webhookUrl: 'http://127.0.0.1:9/hooks/alertmanager',
      bearerToken: 'token',
      intervalSeconds: 1,
      workDirectory,
    });
    for (const protocol of PROTOCOLS) await startWatchedApp(protocol);
  });

  afterAll(async () => {
    await apps.end();
    for (const proxy of proxies) proxy.close();
    await pipeline?.stop();
    rmSync(workDirectory, { recursive: true, force: true });
  });

  async function startWatchedApp(protocol: string): Promise<void> {
    const proxy = await startFailingOnce(pipeline.otlpHttpUrl);
    proxies.push(proxy.server);
    const app = await apps.start({
      code: CODE,
      env: {
        NODE_OPTIONS: `--import=${IN_CONTAINER} --import=${REGISTER}`,
        HEAPFLOOR_CONTROL_KINDS: 'diagnostic-report',
        HEAPFLOOR_METRIC_DETAILS: 'all',
        OTEL_EXPORTER_OTLP_ENDPOINT: proxy.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_METRIC_EXPORT_INTERVAL: '1000',
        OTEL_SERVICE_NAME: protocol,
      },
    });
    await app.capture({ captureId: 'metrics-0001', kind: 'diagnostic-report' });
    await app.untilDone('metrics-0001');
  }

  test.for(PROTOCOLS)('arrive in Prometheus under their documented names: %s', async (protocol, ctx) => {
    await requirePeers(ctx, PIPELINE_PEERS);
    await vi.waitFor(async () => expect(await missingMetrics(pipeline, protocol)).toEqual([]), POLL);
  });

  test.for(PROTOCOLS)('carry the documented attributes as labels: %s', async (protocol, ctx) => {
    await requirePeers(ctx, PIPELINE_PEERS);
    for (const metric of ALL_METRICS) {
      const [series] = await queryPrometheus(pipeline.prometheusUrl, selector(metric, protocol));
      const labels = Object.keys(series?.metric ?? {}).filter((label) => !PIPELINE_LABELS.has(label));
      expect({ metric: metric.name, labels }).toEqual({
        metric: metric.name,
        labels: metric.attributes.map(prometheusLabel),
      });
    }
  });
});

const POLL = { timeout: 60_000, interval: 500 };
/** What the pipeline adds to every series; `le` is a histogram's own. */
const PIPELINE_LABELS = new Set(['__name__', 'job', 'instance', 'le']);

async function missingMetrics({ prometheusUrl }: Pipeline, job: string): Promise<string[]> {
  const missing: string[] = [];
  for (const metric of ALL_METRICS) {
    const series = await queryPrometheus(prometheusUrl, selector(metric, job));
    const isThere = series.length > 0 && series.every(({ value }) => Number.isFinite(Number(value[1])));
    if (!isThere) missing.push(metric.name);
  }
  return missing;
}

/** A histogram is three names; its buckets stand for all of them. */
function selector(metric: MetricDeclaration, job: string): string {
  const name = prometheusName(metric);
  return `${metric.instrument === 'histogram' ? `${name}_bucket` : name}{job="${job}"}`;
}

/** In front of the Collector: the first export fails, so that there is a failure to be counted. */
async function startFailingOnce(target: string): Promise<{ server: Server; url: string }> {
  let count = 0;
  const server = createServer((request, response) => {
    void buffer(request).then(async (body) => {
      count += 1;
      if (count === 1) return response.writeHead(503).end();
      const headers = { 'content-type': request.headers['content-type'] ?? '' };
      const answer = await fetch(`${target}${request.url}`, { method: 'POST', headers, body });
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
      return response.end(Buffer.from(await answer.arrayBuffer()));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
