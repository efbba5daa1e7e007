import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { createApps } from './testing/control-app.fixture.ts';

const apps = createApps();
afterEach(apps.end);

/** Enough that many requests come within a pause of some hundred ms, far below what makes the main loop busy. Unit: ms. */
const SEND_INTERVAL_MS = 10;
/** Slack for two busy cores: time that a request may take beyond the pause. Unit: ms. */
const BEYOND_STALL_MS = 3_000;

/** Counts each request that reaches it, so that none is answered by anything else. */
const SERVICE = `const kept = Array.from({ length: 200_000 }, (_, id) => ({ id }));
  let count = 0;
  require('node:http').createServer((request, response) => {
    let length = 0;
    request.on('data', (chunk) => (length += chunk.length)).on('end', () => {
      count += 1;
      response.end(JSON.stringify({ length, count, kept: kept.length }));
    });
  }).listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;

it('requests that come in the pause of a capture in service are answered after it, and none is lost', async () => {
  const app = await apps.start({ code: SERVICE });
  const [port] = (await once(createInterface(app.child.stdout as NodeJS.ReadableStream), 'line')) as [string];
  const load = startLoad(Number(port));
  await expect.poll(load.answeredCount).toBeGreaterThan(20);
  const { verdict } = await app.capture({ captureId: 'under-load', kind: 'heap-snapshot' });
  expect(verdict.steps[0]).toMatchObject({ kind: 'heap-snapshot', outcome: 'allowed', drains: false });
  const { operation } = await app.untilDone('under-load');
  expect(operation).toMatchObject({ state: 'succeeded', error: null });
  const stallMs = operation?.artifacts[0]?.stallMs ?? 0;
  const atEnd = load.answeredCount();
  await expect.poll(load.answeredCount).toBeGreaterThan(atEnd + 20);
  const answers = await load.stop();

  const latenciesMs = answers.map(({ latencyMs }) => latencyMs);
  // Else no request came in the pause, and the test proves nothing.
  expect(stallMs).toBeGreaterThan(5 * SEND_INTERVAL_MS);
  expect(Math.max(...latenciesMs)).toBeGreaterThan(stallMs / 2);
  expect(Math.max(...latenciesMs)).toBeLessThan(stallMs + BEYOND_STALL_MS);
  expect([...new Set(answers.map(({ outcome }) => outcome))]).toEqual(['200, 100 bytes']);
  // Each was handled once: the app counted as many as were sent.
  expect(Math.max(...answers.map(({ count }) => count))).toBe(answers.length);
});

interface Reply {
  /** The status and how much of the body arrived, or why there was no answer. */
  readonly outcome: string;
  readonly count: number;
  readonly latencyMs: number;
}

interface Load {
  readonly answeredCount: () => number;
  /** @returns all replies, when the last one is there. */
  readonly stop: () => Promise<Reply[]>;
}

/** Sends whether or not the app answers, as the clients of a service do. */
function startLoad(port: number): Load {
  const agent = new Agent({ keepAlive: true });
  const sent: Promise<Reply>[] = [];
  let answeredCount = 0;
  const timer = setInterval(() => {
    const reply = post(port, agent);
    sent.push(reply);
    void reply.then(() => (answeredCount += 1));
  }, SEND_INTERVAL_MS);
  return {
    answeredCount: () => answeredCount,
    async stop() {
      clearInterval(timer);
      const replies = await Promise.all(sent);
      agent.destroy();
      return replies;
    },
  };
}

async function post(port: number, agent: Agent): Promise<Reply> {
  const beganMs = performance.now();
  try {
    const outgoing = request({ port, host: '127.0.0.1', method: 'POST', agent });
    outgoing.end('x'.repeat(100));
    const [response] = (await once(outgoing, 'response')) as [NodeJS.ReadableStream & { statusCode: number }];
    const { length, count } = JSON.parse(await text(response)) as { length: number; count: number };
    return {
      outcome: `${response.statusCode}, ${length} bytes`,
      count,
      latencyMs: performance.now() - beganMs,
    };
  } catch (error) {
    return { outcome: (error as Error).message, count: 0, latencyMs: performance.now() - beganMs };
  }
}
