import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFloorRuleEvaluator } from '@heapfloor/mixin/evaluator';
import { createActivity } from '../activity.ts';
import { createAlertAdmission } from '../alerts/admit-alert.ts';
import { ALERT_AT } from '../alerts/payload.fixture.ts';
import { createApp } from '../create-app.ts';
import type { Credentials } from '../credentials.ts';
import { createEmbeddedRule } from '../instances/embedded-rule.ts';
import { createInstanceRegistry, type InstanceRegistry } from '../instances/instance-registry.ts';
import type { JobStore } from '../jobs/job-store.ts';
import { createSqliteJobStore } from '../jobs/sqlite-job-store.ts';
import { listen } from '../listen.ts';
import type { LogEntry } from '../log.ts';
import { parseReceiverOptions, type ReceiverOptionsInput } from '../options.ts';
import * as pages from '../pages/index.ts';
import type { Target } from '../targets/target.ts';

export interface TestApp {
  readonly url: string;
  readonly port: number;
  readonly store: JobStore;
  readonly instances: InstanceRegistry;
  readonly artifactsDirectory: string;
  readonly logs: LogEntry[];
  /** What the app takes for now; may be set. */
  now: Date;
  isDraining: boolean;
  close(): Promise<void>;
}

export interface TestAppOptions {
  readonly options?: ReceiverOptionsInput;
  readonly credentials?: Partial<Credentials>;
  readonly targets?: readonly Target[];
}

export const SHOP: Target = {
  instance: 'shop-1',
  service: 'shop',
  version: '1.4.0',
  address: 'unix:/run/shop.sock',
  match: { instance: 'shop-1' },
};

const NO_CREDENTIALS: Credentials = {
  alertmanagerTokens: [],
  alertmanagerBasicPairs: [],
  grafanaHmacSecrets: [],
  readTokens: [],
  otlpTokens: [],
};

/** The app with everything real behind it but the runner: what is accepted stays queued. */
export async function startTestApp({
  options: input = {},
  credentials = {},
  targets = [SHOP],
}: TestAppOptions = {}): Promise<TestApp> {
  const directory = await mkdtemp(join(tmpdir(), 'heapfloor-app-'));
  const options = parseReceiverOptions({ allowUnsigned: true, ...input });
  const store = createSqliteJobStore(join(directory, 'jobs.sqlite'));
  const instances = createInstanceRegistry();
  const logs: LogEntry[] = [];
  const state = { now: new Date(Date.parse(ALERT_AT) + 10_000), isDraining: false, url: '' };
  const clock = (): Date => state.now;
  const logEvent = (level: LogEntry['level'], event: string, fields: object = {}): void => {
    logs.push({ at: '', level, event, ...fields });
  };
  const admit = createAlertAdmission({
    store,
    instances,
    clock,
    logEvent,
    targets: { list: async () => targets },
    policy: { ...options, cooldownMs: options.cooldownSeconds * 1000 },
    onEnqueued: () => {},
  });
  const { minSpanSeconds } = options;
  const evaluator = createFloorRuleEvaluator({ minSpanSeconds, staleAfterMs: 60_000 });
  const app = createApp({
    options,
    store,
    instances,
    admit,
    clock,
    logEvent,
    pages,
    credentials: { ...NO_CREDENTIALS, ...credentials },
    targets: { list: async () => targets },
    embeddedRule: options.evaluateRule ? createEmbeddedRule({ evaluator, admit, logEvent }) : null,
    activity: createActivity(clock()),
    artifactsDirectory: directory,
    baseUrl: () => state.url,
    isDraining: () => state.isDraining,
  });
  const listener = await listen(app, { host: '127.0.0.1', port: 0 });
  state.url = `http://127.0.0.1:${listener.port}`;
  return Object.assign(state, {
    port: listener.port,
    store,
    instances,
    artifactsDirectory: directory,
    logs,
    async close() {
      await listener.close();
      await store.close();
      await rm(directory, { recursive: true });
    },
  });
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

/** A request whose answer is read whole; JSON when it is JSON. */
export async function send(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}

export async function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return send(url, {
    method: 'POST',
    body: text,
    headers: { 'content-type': 'application/json', ...headers },
  });
}
