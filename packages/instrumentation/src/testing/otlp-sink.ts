import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { decodeExportRequest } from './register-otlp-protobuf.ts';

interface WireAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, string | number>>;
}

interface WirePoint {
  readonly attributes: readonly WireAttribute[];
  readonly asInt?: string | number;
  readonly asDouble?: number;
  /** Of histograms. */
  readonly count?: string | number;
  readonly sum?: number;
  readonly bucketCounts?: readonly (string | number)[];
}

interface WirePoints {
  readonly dataPoints: readonly WirePoint[];
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
}

interface WireMetric {
  readonly name: string;
  readonly unit?: string;
  readonly description?: string;
  readonly gauge?: WirePoints;
  readonly sum?: WirePoints;
  readonly histogram?: WirePoints;
}

interface WireRequest {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly WireAttribute[] };
    readonly scopeMetrics: readonly {
      readonly scope: { readonly name: string };
      readonly metrics: readonly WireMetric[];
    }[];
  }[];
}

export interface SinkPoint {
  /** Of a histogram: the sum. */
  readonly value: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** Of a histogram, one number per bucket. */
  readonly bucketCounts?: readonly number[];
}

export interface SinkMetric {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly instrument: 'gauge' | 'counter' | 'updowncounter' | 'histogram';
  /** 1 is delta, 2 cumulative; undefined for a gauge. */
  readonly temporality: number | undefined;
  readonly points: readonly SinkPoint[];
}

/** One export as it came over the wire. */
export interface SinkExport {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly resource: Readonly<Record<string, string | number>>;
  readonly scopes: readonly string[];
  readonly metrics: ReadonlyMap<string, SinkMetric>;
  /** Names by scope: a name in two scopes is two entries here and one in `metrics`. */
  readonly names: readonly (readonly [scope: string, name: string])[];
}

export interface OtlpSink {
  readonly endpoint: string;
  readonly exports: readonly SinkExport[];
  /** Resolves with the first export, old or new, that is as wanted. */
  waitFor(isWanted: (one: SinkExport) => boolean): Promise<SinkExport>;
  close(): Promise<void>;
}

export interface SinkAnswer {
  readonly status?: number;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How the sink answers: takes what comes, says that it is overloaded, never answers, or answers once only. */
export type SinkMode = 'accept' | 'unavailable' | 'hang' | 'hang-later';

export interface SinkOptions {
  /** By the number of the export, from 0; null: never. */
  readonly answer: (index: number) => SinkAnswer | null;
  /** Serves HTTPS. */
  readonly tls?: ServerOptions;
}

const MODES: Readonly<Record<SinkMode, SinkOptions['answer']>> = {
  accept: () => ({}),
  // A proxy in front of a dead collector answers 503 and asks to come again.
  unavailable: () => ({ status: 503, headers: { 'retry-after': '3' } }),
  hang: () => null,
  'hang-later': (index) => (index === 0 ? {} : null),
};

/** A receiver of OTLP/HTTP, JSON and protobuf, on a free port. */
export async function startOtlpSink(mode: SinkMode | SinkOptions = 'accept'): Promise<OtlpSink> {
  const { answer, tls }: SinkOptions = typeof mode === 'string' ? { answer: MODES[mode] } : mode;
  const exports: SinkExport[] = [];
  const arrivals = new EventEmitter();
  const server = listen(tls, async (request) => {
    const index = exports.push(parseExport(request, await buffer(request))) - 1;
    arrivals.emit('export');
    return answer(index);
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`,
    exports,
    async waitFor(isWanted) {
      for (;;) {
        const found = exports.find(isWanted);
        if (found !== undefined) return found;
        await once(arrivals, 'export');
      }
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function listen(
  tls: ServerOptions | undefined,
  receive: (request: IncomingMessage) => Promise<SinkAnswer | null>,
): Server {
  const server = tls === undefined ? createServer() : createTlsServer(tls);
  server.on('request', (request, response) => {
    void receive(request).then((answer) => {
      if (answer === null) return;
      const { status = 200, body = '{}', headers = {} } = answer;
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
    });
  });
  return server.listen(0, tls === undefined ? '127.0.0.1' : 'localhost');
}

function parseExport({ url = '', headers }: IncomingMessage, body: Buffer): SinkExport {
  const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  const isJson = headers['content-type'] === 'application/json';
  const request = isJson ? (JSON.parse(plain.toString()) as unknown) : decodeExportRequest(plain);
  const [one] = (request as WireRequest).resourceMetrics;
  const scopes = one?.scopeMetrics ?? [];
  const metrics = scopes.flatMap((scope) => scope.metrics.map(parseMetric));
  return {
    url,
    headers,
    resource: parseAttributes(one?.resource.attributes ?? []),
    scopes: scopes.map(({ scope }) => scope.name),
    metrics: new Map(metrics.map((metric) => [metric.name, metric])),
    names: scopes.flatMap(({ scope, metrics: all }) => all.map(({ name }) => [scope.name, name] as const)),
  };
}

function parseMetric(metric: WireMetric): SinkMetric {
  const { name, unit = '', description = '', gauge, sum, histogram } = metric;
  const { dataPoints = [], aggregationTemporality: temporality } = gauge ?? sum ?? histogram ?? {};
  return {
    name,
    unit,
    description,
    instrument: instrumentOf(metric),
    temporality,
    points: dataPoints.map(parsePoint),
  };
}

function instrumentOf({ gauge, sum }: WireMetric): SinkMetric['instrument'] {
  if (gauge !== undefined) return 'gauge';
  if (sum === undefined) return 'histogram';
  return sum.isMonotonic === true ? 'counter' : 'updowncounter';
}

function parsePoint({ attributes, asInt, asDouble, sum, bucketCounts }: WirePoint): SinkPoint {
  return {
    value: Number(asInt ?? asDouble ?? sum),
    attributes: parseAttributes(attributes),
    ...(bucketCounts === undefined ? {} : { bucketCounts: bucketCounts.map(Number) }),
  };
}

function parseAttributes(attributes: readonly WireAttribute[]): Record<string, string | number> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      'intValue' in value ? Number(value['intValue']) : (value['stringValue'] ?? ''),
    ]),
  );
}

/** Value of a metric, or of the point that has the attribute's value. */
export function sinkValue(one: SinkExport, name: string, attributeValue?: string): number | undefined {
  const points = one.metrics.get(name)?.points ?? [];
  return points.find(
    ({ attributes }) => attributeValue === undefined || Object.values(attributes).includes(attributeValue),
  )?.value;
}
