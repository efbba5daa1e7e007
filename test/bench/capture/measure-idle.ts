import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../overhead/spread.ts';
import { readCpuSeconds, readRssBytes } from '../overhead/read-process.ts';
import { controlVariables } from './control-variables.ts';

export interface IdleProcess {
  readonly rssBytes: number;
  readonly cpuSecondsPerHour: number;
}

export type Idle = Readonly<Record<'bare' | 'emptyWorker' | 'control', IdleProcess>>;

const ROUNDS = 5;
/** Until the app has served its requests. */
const SETTLE_MS = 6_000;
const WATCH_MS = 20_000;

/**
 * An app that has served some requests and is idle now. In a process that never did anything the first modules that are
 * loaded, whosever they are, make V8's young generation grow, by 3 MB at a time; an app has grown it long before.
 */
const APP = `
const http = require('node:http');
const server = http.createServer((request, response) => response.end(JSON.stringify({ items: [1, 2, 3] })));
server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  for (let sent = 0; sent < 300; sent += 1) await fetch('http://127.0.0.1:' + port).then((answer) => answer.json());
});
`;
const EMPTY_WORKER = `new (require('node:worker_threads').Worker)('setInterval(() => {}, 1e6)', { eval: true }).unref();`;

/** Side by side in each round, so that a busy machine is busy for all. */
export async function measureIdle(directory: string): Promise<Idle> {
  const rounds: Idle[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { env, execArgv } = controlVariables(`${directory}-${round}`);
    const children = {
      bare: start(APP),
      emptyWorker: start(EMPTY_WORKER + APP),
      control: start(APP, env, execArgv),
    };
    try {
      await delay(SETTLE_MS);
      const before = mapValues(children, ({ pid = 0 }) => readCpuSeconds(pid));
      await delay(WATCH_MS);
      rounds.push(
        mapValues(children, ({ pid = 0 }, kind) => ({
          rssBytes: readRssBytes(pid),
          cpuSecondsPerHour: (readCpuSeconds(pid) - before[kind]) * (3_600_000 / WATCH_MS),
        })),
      );
    } finally {
      await Promise.all(Object.values(children).map(stop));
    }
  }
  return mapValues(rounds[0] as Idle, (_, kind) => ({
    rssBytes: median(rounds.map((round) => round[kind].rssBytes)),
    cpuSecondsPerHour: median(rounds.map((round) => round[kind].cpuSecondsPerHour)),
  }));
}

function start(
  code: string,
  env: Readonly<Record<string, string>> = {},
  execArgv: readonly string[] = [],
): ChildProcess {
  return spawn(process.execPath, [...execArgv, '--eval', code], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function stop(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  if (child.exitCode === null && child.kill('SIGKILL')) await closed;
}

function mapValues<Kind extends string, Value, Result>(
  values: Readonly<Record<Kind, Value>>,
  map: (value: Value, kind: Kind) => Result,
): Record<Kind, Result> {
  const entries = Object.entries(values) as [Kind, Value][];
  return Object.fromEntries(entries.map(([kind, value]) => [kind, map(value, kind)])) as Record<Kind, Result>;
}
