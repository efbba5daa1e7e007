import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** A steady load of visitors who send no cookie, as crawlers and health probes do. */
export interface Load {
  readonly sentCount: number;
  readonly failedCount: number;
  readonly stop: () => Promise<void>;
}

const TICK_MS = 50;
/** No more than this many requests wait at once: a stalled shop is not buried under a queue. */
const MAX_IN_FLIGHT = 64;
const REQUEST_TIMEOUT_MS = 60_000;

export function startLoad(baseUrl: string, requestsPerSecond: number): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_IN_FLIGHT });
  const counts = { sent: 0, failed: 0, inFlight: 0 };
  const ended = new AbortController();

  async function send(): Promise<void> {
    counts.sent += 1;
    counts.inFlight += 1;
    const isOk = await visit(`${baseUrl}/products/sku-${counts.sent % 500}`, agent, counts.sent);
    counts.inFlight -= 1;
    if (!isOk && !ended.signal.aborted) counts.failed += 1;
  }

  async function run(): Promise<void> {
    const perTick = (requestsPerSecond * TICK_MS) / 1000;
    for (let owed = 0; !ended.signal.aborted; owed += perTick) {
      for (; owed >= 1; owed -= 1) if (counts.inFlight < MAX_IN_FLIGHT) void send();
      await delay(TICK_MS);
    }
  }

  const running = run();
  return {
    get sentCount() {
      return counts.sent;
    },
    get failedCount() {
      return counts.failed;
    },
    async stop() {
      ended.abort();
      await running;
      agent.destroy();
    },
  };
}

async function visit(url: string, agent: Agent, requestId: number): Promise<boolean> {
  const headers = {
    'user-agent': 'Mozilla/5.0 (compatible; demo-crawler/1.0)',
    'x-request-id': String(requestId),
  };
  return new Promise((resolve) => {
    const request = get(url, { agent, headers, timeout: REQUEST_TIMEOUT_MS }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200));
      response.on('error', () => resolve(false));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}
