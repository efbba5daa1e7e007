import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { countSeries } from './count-series.ts';

export interface OtlpSink {
  endpoint(variant: string): string;
  /** Exports so far, and the most series that one had. */
  read(variant: string): { exportCount: number; series: number };
  close(): Promise<void>;
}

/** A Collector closes no idle connection between two exports; Node's own 5 s would make each export connect anew. */
const KEEP_ALIVE_MS = 600_000;

/** Takes OTLP/HTTP, JSON and protobuf, from several senders apart. */
export async function startOtlpSink(): Promise<OtlpSink> {
  const taken = new Map<string, { exportCount: number; series: number }>();
  const read = (variant: string) => taken.get(variant) ?? { exportCount: 0, series: 0 };
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    const chunks: Buffer[] = [];
    const [, variant = ''] = (request.url ?? '').split('/');
    const contentType = request.headers['content-type'] ?? '';
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { exportCount, series } = read(variant);
      const now = countSeries(Buffer.concat(chunks), contentType);
      taken.set(variant, { exportCount: exportCount + 1, series: Math.max(series, now) });
      response.setHeader('content-type', contentType).end(contentType.includes('json') ? '{}' : '');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: (variant) => `http://127.0.0.1:${port}/${variant}`,
    read,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
