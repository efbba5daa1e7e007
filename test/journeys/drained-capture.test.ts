import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createApps, type ControlApp } from '../../packages/control/src/testing/control-app.fixture.ts';
import { CHECK_INTERVAL_MS, requireHaproxy, startHaproxy } from '../peers/start-haproxy.ts';
import { findFreePort } from '../peers/start-peer.ts';

const INSTANCE_COUNT = 3;
/** Enough small objects that a snapshot stops the app for seconds: longer than the prober below forgives. */
const OBJECT_COUNT = 300_000;
const CLIENT_COUNT = 8;
/** The load ends with the captures; this bounds it where they do not end. */
const MAX_REQUESTS_PER_CLIENT = 50_000;
/** A prober that forgives nothing: one late answer, and it would end the container. Unit: ms. */
const LIVENESS_PERIOD_MS = 400;
const LIVENESS_TIMEOUT_MS = 300;

/** Ended in reverse order, also when the test fails half-way. */
const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

interface Instance {
  readonly name: string;
  readonly app: ControlApp;
  readonly url: string;
  readonly probeUrl: string;
}

describe('three instances behind HAProxy, round robin', () => {
  it('are captured one after the other; no request fails and no liveness probe is missed', async (context) => {
    const haproxy = requireHaproxy(context);
    const apps = createApps();
    cleanups.push(async () => apps.end());
    const instances: Instance[] = [];
    for (let index = 1; index <= INSTANCE_COUNT; index += 1) {
      instances.push(await startInstance(apps, `app-${index}`));
    }
    const proxy = await startHaproxy(haproxy, instances);
    cleanups.push(async () => proxy.stop());
    const allUp = Object.fromEntries(instances.map(({ name }) => [name, 'UP']));
    await expect.poll(proxy.readStates, { timeout: 10_000 }).toEqual(allUp);
    const load = startLoad(proxy.url);
    cleanups.push(load.stop);
    const probers = instances.map(({ probeUrl }) => startProber(`${probeUrl}/livez`));
    cleanups.push(...probers.map((prober) => async () => prober.stop()));

    for (const { name, app } of instances) {
      const before = load.counts().answered;
      const { verdict } = await app.capture({ captureId: `drained-${name}`, kind: 'heap-snapshot' });
      expect(verdict.steps[0]).toMatchObject({ kind: 'heap-snapshot', outcome: 'allowed', drains: true });
      await expect.poll(async () => (await proxy.readStates())[name], { timeout: 20_000 }).toBe('DOWN');
      const { operation } = await app.untilDone(`drained-${name}`);
      expect(operation).toMatchObject({ state: 'succeeded', error: null });
      // Else this proves nothing: at least one probe came so early in the pause that the main thread would have missed it.
      const unforgivenMs = LIVENESS_PERIOD_MS + LIVENESS_TIMEOUT_MS;
      expect(operation?.artifacts[0]?.stallMs).toBeGreaterThan(unforgivenMs);
      expect(load.counts().answered).toBeGreaterThan(before + CLIENT_COUNT);
      await expect.poll(proxy.readStates, { timeout: 20_000 }).toEqual(allUp);
    }

    await load.stop();
    await Promise.all(probers.map(async ({ stop }) => stop()));
    expect(load.counts().failures).toEqual([]);
    for (const { results } of probers) {
      expect(results.length).toBeGreaterThan(INSTANCE_COUNT);
      expect([...new Set(results)]).toEqual([200]);
    }
    // Every instance serves again, also the one that was captured last.
    for (const { url } of instances) expect((await fetch(url)).status).toBe(200);
  });
});

async function startInstance(apps: ReturnType<typeof createApps>, name: string): Promise<Instance> {
  const probeUrl = `http://127.0.0.1:${await findFreePort()}`;
  const app = await apps.start({
    code: `const kept = Array.from({ length: ${OBJECT_COUNT} }, (_, id) => ({ id, name: 'n' + id }));
      const server = process.getBuiltinModule('node:http').createServer((request, response) => {
        setTimeout(() => response.end(String(kept.length)), 30 * Math.random());
      });
      server.listen(0, '127.0.0.1', () => console.log(server.address().port));`,
    env: {
      HEAPFLOOR_CONTROL_WARM_UP_MS: '0',
      HEAPFLOOR_CONTROL_DRAIN: 'true',
      HEAPFLOOR_CONTROL_DRAIN_NOTICE_MS: String(2 * CHECK_INTERVAL_MS),
      HEAPFLOOR_CONTROL_PROBE_LISTEN: probeUrl,
      // No pause is short enough for an instance in service.
      HEAPFLOOR_CONTROL_MAX_PAUSE_MS: '0',
      HEAPFLOOR_CONTROL_PROBE_BUDGET_MS: String(LIVENESS_PERIOD_MS - LIVENESS_TIMEOUT_MS),
    },
  });
  if (app.child.stdout === null) throw new Error('the app was started without a pipe');
  const [port] = (await once(createInterface(app.child.stdout), 'line')) as [string];
  return { name, app, probeUrl, url: `http://127.0.0.1:${port}` };
}

interface Load {
  readonly counts: () => { readonly answered: number; readonly failures: readonly string[] };
  readonly stop: () => Promise<void>;
}

/** Clients with kept connections to the proxy, each with one request at a time. */
function startLoad(url: string): Load {
  const agent = new Agent({ keepAlive: true });
  const failures: string[] = [];
  const state = { isOver: false, answered: 0 };
  const clients = Array.from({ length: CLIENT_COUNT }, async () => {
    for (let count = 0; count < MAX_REQUESTS_PER_CLIENT && !state.isOver; count += 1) {
      const outcome = await get(url, agent);
      if (outcome === '200') state.answered += 1;
      else failures.push(outcome);
    }
  });
  return {
    counts: () => ({ answered: state.answered, failures }),
    async stop() {
      state.isOver = true;
      await Promise.all(clients);
      agent.destroy();
    },
  };
}

/** The status, or why there was none. */
async function get(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    const fail = (error: Error): void => resolve(error.message);
    request(url, { agent }, (response) => {
      response.on('error', fail).on('end', () => resolve(String(response.statusCode)));
      response.resume();
    })
      .on('error', fail)
      .end();
  });
}

interface Prober {
  /** Status of each probe; the reason where there was none in time. */
  readonly results: readonly (number | string)[];
  readonly stop: () => Promise<void>;
}

function startProber(url: string): Prober {
  const results: (number | string)[] = [];
  const running = new Set<Promise<void>>();
  const probe = async (): Promise<void> => {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(LIVENESS_TIMEOUT_MS) });
      await response.body?.cancel();
      results.push(response.status);
    } catch (error) {
      results.push((error as Error).message);
    }
  };
  const timer = setInterval(() => {
    const probing = probe().finally(() => running.delete(probing));
    running.add(probing);
  }, LIVENESS_PERIOD_MS);
  return {
    results,
    async stop() {
      clearInterval(timer);
      await Promise.all(running);
    },
  };
}
