import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { blockLoop } from '../testing/block-loop.ts';
import { createPipe, recordAll } from '../testing/register-pipe.ts';
import { createPool } from '../testing/register-run.ts';
import { CONNECT_DEADLINE_MS } from './unref-agent.ts';

const pool = createPool();
afterEach(async () => {
  await pool.close();
  vi.unstubAllEnvs();
});

describe('the agent in an app that blocks its loop', () => {
  it('does not take a slow app for a collector that cannot be reached', async () => {
    const { endpoint } = await pool.startSink();
    const pipe = await createPipe({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_METRIC_EXPORT_INTERVAL: '15000',
    });
    recordAll(pipe);
    let blockedCount = 0;
    // Emitted right before the connection is begun; its end is told in a later turn.
    const block = (message: unknown): void => {
      const { socket } = message as { readonly socket: Socket };
      socket.once('connectionAttempt', () =>
        process.nextTick(() => {
          blockedCount += 1;
          blockLoop(CONNECT_DEADLINE_MS + 100);
        }),
      );
    };
    subscribe('net.client.socket', block);
    await pipe.reader.push();
    unsubscribe('net.client.socket', block);
    expect({ blockedCount, results: pipe.results }).toEqual({ blockedCount: 1, results: [null] });
  });
});
