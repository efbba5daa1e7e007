/**
 * OTLP → Collector → Prometheus → Alertmanager → webhook, all of them real and configured by deploy/, with metrics made
 * by hand. What the mixin computes (names, labels, fingerprints, panel queries, Grafana's query) is asked of them.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  ALL_METRICS,
  ATTR_BREACH_LEVEL,
  METRIC_FLOOR_BREACH_DURATION,
  METRIC_FLOOR_BREACH_STREAK,
  METRIC_FLOOR_UTILIZATION,
  type MetricDeclaration,
} from '@heapfloor/contract/metrics';
import { floorDashboard, prometheusLabel, prometheusName } from '@heapfloor/mixin';
import { createFloorRuleEvaluator } from '@heapfloor/mixin/evaluator';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { describeMissingPeers } from '../peers/find-peer.ts';
import { pushMetrics, type PushedPoint } from '../peers/otlp-push.ts';
import { getFromPrometheus, queryPrometheus } from '../peers/query-prometheus.ts';
import { requirePeers } from '../peers/require-peer.ts';
import { PIPELINE_PEERS, startPipeline, type Pipeline } from '../peers/start-pipeline.ts';

const INTERVAL_SECONDS = 1;
const TOKEN = 'smoke-token';

const LEAKY = resource('leaky-1');
/** Above the threshold once: never an alert. */
const SINGLE = resource('single-1');

const BOTH = new Set(['leaky-1', 'single-1']);

interface FloorState {
  readonly utilization: number;
  readonly streak: number;
  readonly criticalStreak: number;
  readonly durationSeconds: number;
}

const HIGH: FloorState = { utilization: 0.8, streak: 2, criticalStreak: 0, durationSeconds: 30 };
const HIGH_ONCE: FloorState = { utilization: 0.85, streak: 1, criticalStreak: 0, durationSeconds: 0 };
const LOW: FloorState = { utilization: 0.3, streak: 0, criticalStreak: 0, durationSeconds: 0 };

interface WebhookBody {
  readonly version: string;
  readonly status: 'firing' | 'resolved';
  readonly receiver: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly startsAt: string;
    readonly endsAt: string;
    readonly fingerprint: string;
  }[];
}

interface Hook {
  readonly authorization: string | undefined;
  readonly body: WebhookBody;
}

describe('pipeline', () => {
  const isReady =
    process.env['HEAPFLOOR_PEERS'] === 'docker' || describeMissingPeers(PIPELINE_PEERS) === null;
  const workDirectory = mkdtempSync(join(tmpdir(), 'heapfloor-smoke-'));
  const hooks: Hook[] = [];
  let webhook: Server;
  let pipeline: Pipeline;
  let app: { state: FloorState; stop(): Promise<void> };

  beforeAll(async () => {
    if (!isReady) return;
    webhook = await startWebhook(hooks);
    pipeline = await startPipeline({
      webhookUrl: `http://127.0.0.1:${portOf(webhook)}/hooks/alertmanager`,
      bearerToken: TOKEN,
      intervalSeconds: INTERVAL_SECONDS,
      workDirectory,
    });
    app = startExports(pipeline.otlpHttpUrl);
  });

  afterAll(async () => {
    try {
      // Rejects when an export failed; the servers must be stopped all the same.
      await app?.stop();
    } finally {
      await pipeline?.stop();
      webhook?.close();
      rmSync(workDirectory, { recursive: true, force: true });
    }
  });

  test('delivers a firing alert with labels, ratio and token, and only for the instance that meets the rule', async (ctx) => {
    await requirePeers(ctx, PIPELINE_PEERS);
    const { authorization, body } = await waitForHook(hooks, 'firing');
    expect(authorization).toBe(`Bearer ${TOKEN}`);
    expect(body).toMatchObject({
      version: '4',
      status: 'firing',
      receiver: 'heapfloor',
      groupLabels: { alertname: 'NodejsHeapFloorHigh', job: 'shop/checkout', instance: 'leaky-1' },
    });
    expect(body.alerts).toHaveLength(1);
    expect(body.alerts[0]).toMatchObject({
      status: 'firing',
      labels: {
        alertname: 'NodejsHeapFloorHigh',
        severity: 'warning',
        job: 'shop/checkout',
        instance: 'leaky-1',
        k8s_pod_name: 'pod-of-leaky-1',
      },
      annotations: { floor_ratio: '0.8000' },
      endsAt: '0001-01-01T00:00:00Z',
    });
  });

  test('gives the labels, annotations and fingerprint that the embedded evaluator gives', async (ctx) => {
    await requirePeers(ctx, PIPELINE_PEERS);
    const alert = (await waitForHook(hooks, 'firing')).body.alerts[0];
    const { observe } = createFloorRuleEvaluator({ minSpanSeconds: INTERVAL_SECONDS, staleAfterMs: 60_000 });
    const { alertname: _alertname, severity: _severity, ...labels } = alert?.labels ?? {};
    const embedded = observe({ labels, breach: HIGH, floorRatio: HIGH.utilization, at: new Date() });
    expect(embedded).toMatchObject({
      labels: alert?.labels,
      annotations: alert?.annotations,
      fingerprint: alert?.fingerprint,
    });
  });

  test('stores every metric of the contract under the name that the mixin computes', async (ctx) => {
    await requirePeers(ctx, PIPELINE_PEERS);
    await vi.waitFor(async () => {
      const names = await labelValues(pipeline, '/api/v1/label/__name__/values');
      expect(names.filter((name) => /^(?:heapfloor|v8js|nodejs|process)_/.test(name)).toSorted()).toEqual(
        ALL_METRICS.flatMap(storedNames).toSorted(),
      );
    }, POLL);
    const labels = await labelValues(pipeline, '/api/v1/labels');
    const attributes = ALL_METRICS.flatMap((metric) => metric.attributes.map(prometheusLabel));
    expect(labels).toEqual(expect.arrayContaining(['job', 'instance', ...attributes]));
  });

  test('answers every query of the dashboard with data', async (ctx) => {
    await requirePeers(ctx, PIPELINE_PEERS);
    const expressions = floorDashboard().panels.flatMap((panel) => ('targets' in panel ? panel.targets : []));
    expect(expressions.length).toBeGreaterThan(15);
    for (const { expr } of expressions) {
      const query = expr
        .replaceAll('$job', 'shop/.+')
        .replaceAll('$instance', 'leaky-1|single-1')
        .replaceAll('$__rate_interval', '1m');
      await vi.waitFor(async () => {
        const instances = (await queryPrometheus(pipeline.prometheusUrl, query)).map(
          ({ metric }) => metric['instance'],
        );
        expect({ query, instances: new Set(instances) }).toEqual({ query, instances: BOTH });
      }, POLL);
    }
  });

  test("shows Grafana's rule the ratio of each instance, at most the threshold where the rule is not met", async (ctx) => {
    await requirePeers(ctx, PIPELINE_PEERS);
    const file = fileURLToPath(new URL('../../grafana/alerting/heapfloor.yaml', import.meta.url));
    const rules = parse(readFileSync(file, 'utf8')) as {
      groups: { rules: { data: { model: { expr: string } }[] }[] }[];
    };
    const expr = rules.groups[0]?.rules[0]?.data[0]?.model.expr ?? '';
    const result = await queryPrometheus(pipeline.prometheusUrl, expr);
    expect(Object.fromEntries(result.map(({ metric, value }) => [metric['instance'], value[1]]))).toEqual({
      'leaky-1': '0.8',
      'single-1': '0.75',
    });
    expect(result).toHaveLength(2);
    // A name on one side of the `or` only would give an instance two identities.
    expect(result.filter(({ metric }) => '__name__' in metric)).toEqual([]);
  });

  test('delivers the end of the same alert when the floor drops', async (ctx) => {
    await requirePeers(ctx, PIPELINE_PEERS);
    const firing = (await waitForHook(hooks, 'firing')).body.alerts[0];
    app.state = LOW;
    const { body } = await waitForHook(hooks, 'resolved');
    const resolved = body.alerts[0];
    expect(resolved).toMatchObject({
      status: 'resolved',
      labels: firing?.labels,
      fingerprint: firing?.fingerprint,
      startsAt: firing?.startsAt,
      annotations: { floor_ratio: '0.8000' },
    });
    expect(Date.parse(resolved?.endsAt ?? '')).toBeGreaterThan(Date.parse(firing?.startsAt ?? ''));
    expect(hooks.flatMap((hook) => hook.body.alerts.map(({ labels }) => labels['instance']))).not.toContain(
      'single-1',
    );
  });
});

const POLL = { timeout: 30_000, interval: 200 };

/** A histogram is three series names. */
function storedNames(metric: MetricDeclaration): string[] {
  const name = prometheusName(metric);
  return metric.instrument === 'histogram'
    ? ['bucket', 'count', 'sum'].map((part) => `${name}_${part}`)
    : [name];
}

function resource(instance: string): Readonly<Record<string, string>> {
  return {
    'service.namespace': 'shop',
    'service.name': 'checkout',
    'service.instance.id': instance,
    'k8s.pod.name': `pod-of-${instance}`,
  };
}

/** Two apps that export once per interval until they are stopped; the leaky one's state can be changed. */
function startExports(otlpHttpUrl: string): { state: FloorState; stop(): Promise<void> } {
  const ended = new AbortController();
  const app = {
    state: HIGH,
    async stop() {
      ended.abort();
      await loop;
    },
  };
  const exportForever = async (): Promise<void> => {
    for (let round = 1; !ended.signal.aborted; round += 1) {
      await pushMetrics(otlpHttpUrl, LEAKY, points(app.state, round));
      await pushMetrics(otlpHttpUrl, SINGLE, points(HIGH_ONCE, round));
      await delay(INTERVAL_SECONDS * 1000, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  };
  const loop = exportForever();
  // Seen by stop(); until then a failed push must not end the test run as an unhandled rejection.
  loop.catch(() => undefined);
  return app;
}

/** Every metric of the contract; the floor's own from the state, the others grow by one each round. */
function points(state: FloorState, round: number): PushedPoint[] {
  return ALL_METRICS.flatMap((metric): PushedPoint[] => {
    if (metric.name === METRIC_FLOOR_UTILIZATION) return [{ metric, value: state.utilization }];
    if (metric.name === METRIC_FLOOR_BREACH_DURATION) return [{ metric, value: state.durationSeconds }];
    if (metric.name === METRIC_FLOOR_BREACH_STREAK) {
      return [
        { metric, value: state.streak, attributes: { [ATTR_BREACH_LEVEL]: 'warning' } },
        { metric, value: state.criticalStreak, attributes: { [ATTR_BREACH_LEVEL]: 'critical' } },
      ];
    }
    const attributes = Object.fromEntries(metric.attributes.map((name) => [name, 'any']));
    return [{ metric, value: round, attributes }];
  });
}

async function startWebhook(hooks: Hook[]): Promise<Server> {
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      hooks.push({ authorization: request.headers.authorization, body: JSON.parse(text) as WebhookBody });
      return response.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
  return server;
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('the webhook does not listen on a port');
  return address.port;
}

async function waitForHook(hooks: readonly Hook[], status: WebhookBody['status']): Promise<Hook> {
  return vi.waitFor(() => {
    const hook = hooks.find(({ body }) => body.status === status);
    if (hook === undefined) throw new Error(`no ${status} webhook among ${hooks.length}`);
    return hook;
  }, POLL);
}

async function labelValues({ prometheusUrl }: Pipeline, path: string): Promise<readonly string[]> {
  return (await getFromPrometheus(prometheusUrl, path)) as string[];
}
