import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../errors.ts';
import type { SinkMode } from '../testing/otlp-sink.ts';
import { createPool, endOf, freePort, runApp } from '../testing/register-run.ts';
import { program, runNode, waitForOutput } from '../testing/run-node.ts';

const pool = createPool();
afterEach(() => pool.close());

const PROTOCOLS = ['http/json', 'http/protobuf'] as const;

type Env = Readonly<Record<string, string>>;

/** How long an app stayed after its work was done. */
async function exitDelay(workMs: number, env: Env) {
  const { exitCode, stdout, lines } = await runApp(['short-app.ts', String(workMs)], env);
  expect(exitCode).toBe(0);
  return { delayMs: Number(/delay=(\d+)/.exec(stdout)?.[1]), lines };
}

async function collector(mode: SinkMode, env: Env = {}): Promise<Env> {
  const { endpoint } = await pool.startSink(mode);
  return { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env };
}

/** @returns its port, where packets of new connections are dropped from now on. */
async function startDeafCollector(): Promise<number> {
  const run = pool.start(['register-deaf-collector.ts'], {}, []);
  const [, port = ''] = await waitForOutput(run, 'stdout', /port=(\d+)/);
  const fillers = Array.from({ length: 8 }, () => connect(Number(port), '127.0.0.1'));
  for (const filler of fillers) filler.on('error', () => {}).unref();
  await Promise.race(fillers.map((filler) => once(filler, 'connect')));
  return Number(port);
}

describe.each(PROTOCOLS)('the end of an app by itself, over %s', (protocol) => {
  const base = { OTEL_EXPORTER_OTLP_PROTOCOL: protocol };

  it('sends the last figures', async () => {
    const sink = await pool.startSink();
    const { delayMs, lines } = await exitDelay(0, { ...base, OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint });
    expect(delayMs).toBeLessThan(1500);
    expect(sink.exports).toHaveLength(1);
    expect(lines).toEqual([]);
  });

  it('is not delayed by a collector that is down, and says so once', async () => {
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    const env = { ...base, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_METRIC_EXPORT_INTERVAL: '100' };
    const { delayMs, lines } = await exitDelay(700, env);
    expect(delayMs).toBeLessThan(1500);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`${ERROR_CODES.exportFailed}: ${endpoint}/v1/metrics: `);
    expect(lines[0]).toContain('ECONNREFUSED');
  });

  it('is not delayed by a collector that asks to come again in 3 seconds', async () => {
    const { delayMs, lines } = await exitDelay(0, await collector('unavailable', base));
    expect(delayMs).toBeLessThan(1500);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('HTTP 429, 502, 503 or 504');
  });

  it('waits two seconds at most for a collector that never answers', async () => {
    const { delayMs } = await exitDelay(0, await collector('hang', base));
    expect(delayMs).toBeGreaterThan(1500);
    expect(delayMs).toBeLessThan(4000);
  });

  it('is not delayed by a collector that is known to hang', async () => {
    const env = await collector('hang', { ...base, OTEL_METRIC_EXPORT_INTERVAL: '1000' });
    const { delayMs, lines } = await exitDelay(2400, env);
    expect(delayMs).toBeLessThan(700);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/no answer within 1000 ms|Request timed out/);
  });
});

describe('the end of an app by itself', () => {
  // A request is given up after an interval: longer than two seconds.
  const SELDOM = { OTEL_METRIC_EXPORT_INTERVAL: '3500' };

  it('waits two seconds at most for a collector that stops to answer on a kept connection', async () => {
    const { delayMs } = await exitDelay(3700, await collector('hang-later', SELDOM));
    expect(delayMs).toBeGreaterThan(1500);
    expect(delayMs).toBeLessThan(2900);
  });

  it.each([0, 3700])(
    'waits two seconds at most for a connection that is not made, after %d ms',
    async (workMs) => {
      const port = await startDeafCollector();
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, ...SELDOM };
      const { delayMs, lines } = await exitDelay(workMs, env);
      expect(delayMs).toBeLessThan(2900);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/no answer within 2000 ms|no connection within 2000 ms/);
    },
  );

  it('waits two seconds at most for a TLS handshake that is not answered', async () => {
    const server = createServer((socket) => void socket.resume()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { delayMs } = await exitDelay(0, { OTEL_EXPORTER_OTLP_ENDPOINT: `https://127.0.0.1:${port}` });
    expect(delayMs).toBeGreaterThan(1500);
    expect(delayMs).toBeLessThan(2900);
    server.close();
  });

  it('waits two seconds at most for an export that is on its way', async () => {
    const { delayMs } = await exitDelay(3700, await collector('hang', SELDOM));
    expect(delayMs).toBeGreaterThan(1500);
    expect(delayMs).toBeLessThan(2900);
  });
});

describe('the end of an app by something else', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'is by %s, at once, with a collector that hangs',
    async (signal) => {
      const sink = await pool.startSink('hang');
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint, OTEL_METRIC_EXPORT_INTERVAL: '100' };
      const run = pool.start(['register-exit-app.ts', 'signal'], env);
      await waitForOutput(run, 'stdout', /ready/);
      await sink.waitFor(() => true);
      const killedMs = performance.now();
      run.child.kill(signal);
      expect(await endOf(run)).toMatchObject({ exitCode: null, signal });
      expect(performance.now() - killedMs).toBeLessThan(1000);
    },
  );

  it.each(['exit', 'code', 'throw', 'reject'])(
    'has the exit code that it has without us: %s',
    async (end) => {
      const env = await collector('accept', { OTEL_METRIC_EXPORT_INTERVAL: '100' });
      const file = 'register-exit-app.ts';
      const bare = await endOf(runNode([program(file), end, '250']));
      expect((await runApp([file, end, '250'], env)).exitCode).toBe(bare.exitCode);
      expect(bare.exitCode).toBeGreaterThan(0);
    },
  );

  it('finds no listener of ours at signals, errors or the end', async () => {
    const { stdout } = await runApp(['register-exit-app.ts', 'exit'], await collector('accept'));
    expect(stdout).toBe('ready main=true listeners=\n');
  });
});
