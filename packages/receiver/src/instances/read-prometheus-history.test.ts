import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { readPrometheusHistory } from './read-prometheus-history.ts';

const STARTS_AT = new Date('2026-11-23T02:14:31.000Z');
const FIRST = STARTS_AT.getTime() / 1000 - 60;
let server: Server | undefined;

afterEach(() => {
  server?.close();
});

/** A Prometheus that knows one series per metric name. */
async function start(series: Record<string, [number, string][]>, queries: string[] = []): Promise<string> {
  server = createServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://x').searchParams.get('query') ?? '';
    queries.push(query);
    const name = /\(([a-z_]+)\{/.exec(query)?.[1] ?? '';
    const values = series[name];
    const result = values === undefined ? [] : [{ metric: {}, values }];
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('readPrometheusHistory', () => {
  it('makes one sample of each GC, though Prometheus repeats a floor', async () => {
    const prometheusUrl = await start({
      heapfloor_heap_old_used_after_last_gc_bytes: [
        [FIRST, '800'],
        [FIRST + 15, '800'],
        [FIRST + 30, '820'],
      ],
      heapfloor_heap_old_limit_bytes: [
        [FIRST, '1000'],
        [FIRST + 15, '1000'],
        [FIRST + 30, '1000'],
      ],
      heapfloor_gc_last_major_age_seconds: [
        [FIRST, '2'],
        [FIRST + 15, '17'],
        [FIRST + 30, '5'],
      ],
    });
    const identity = { job: 'shop', instance: 'shop-1' };
    const samples = await readPrometheusHistory({
      prometheusUrl,
      identity,
      startsAt: STARTS_AT,
      now: STARTS_AT,
    });
    expect(samples).toEqual([
      {
        at: new Date((FIRST - 2) * 1000).toISOString(),
        floorBytes: 800,
        limitBytes: 1000,
        heapUsedBytes: null,
      },
      {
        at: new Date((FIRST + 25) * 1000).toISOString(),
        floorBytes: 820,
        limitBytes: 1000,
        heapUsedBytes: null,
      },
    ]);
  });

  it('quotes label values, which are a stranger’s text', async () => {
    const queries: string[] = [];
    const prometheusUrl = await start({}, queries);
    const identity = { instance: 'a"} or vector(1) #\\' };
    await readPrometheusHistory({ prometheusUrl, identity, startsAt: STARTS_AT, now: STARTS_AT });
    expect(queries[0]).toBe(
      String.raw`max(heapfloor_heap_old_used_after_last_gc_bytes{instance="a\"} or vector(1) #\\"})`,
    );
  });

  it('says when there is no Prometheus', async () => {
    const query = { prometheusUrl: 'http://127.0.0.1:1', identity: {}, startsAt: STARTS_AT, now: STARTS_AT };
    await expect(readPrometheusHistory(query)).rejects.toMatchObject({ code: 'RECEIVER_PROMETHEUS' });
  });
});
