import { createServer, type IncomingMessage } from 'node:http';
import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';

interface WireAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, string | number>>;
}

interface WirePoint {
  readonly attributes: readonly WireAttribute[];
  readonly asInt?: string | number;
  readonly asDouble?: number;
}

interface WireMetric {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly gauge?: { readonly dataPoints: readonly WirePoint[] };
  readonly sum?: { readonly dataPoints: readonly WirePoint[]; readonly isMonotonic: boolean };
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
  readonly value: number;
  readonly attributes: Readonly<Record<string, string | number>>;
}

export interface SinkMetric {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly instrument: 'gauge' | 'counter' | 'updowncounter';
  readonly points: readonly SinkPoint[];
}

/** One export as it came over the wire. */
export interface SinkExport {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly resource: Readonly<Record<string, string | number>>;
  readonly scopes: readonly string[];
  readonly metrics: ReadonlyMap<string, SinkMetric>;
}

export interface OtlpSink {
  readonly endpoint: string;
  readonly exports: readonly SinkExport[];
  /** Resolves with the first export, old or new, that is as wanted. */
  waitFor(isWanted: (one: SinkExport) => boolean): Promise<SinkExport>;
  close(): Promise<void>;
}

/** How the sink answers: takes what comes, says that it is overloaded, never answers, or answers once only. */
export type SinkMode = 'accept' | 'unavailable' | 'hang' | 'hang-later';

/** A receiver of OTLP/HTTP JSON on a free port. */
export async function startOtlpSink(mode: SinkMode = 'accept'): Promise<OtlpSink> {
  const exports: SinkExport[] = [];
  const arrivals = new EventEmitter();
  // A proxy in front of a dead collector answers 503 and asks to come again.
  const status = mode === 'unavailable' ? 503 : 200;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      exports.push(parseExport(request, body));
      arrivals.emit('export');
      if (mode === 'hang' || (mode === 'hang-later' && exports.length > 1)) return;
      response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '3' }).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
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

function parseExport({ url = '', headers }: IncomingMessage, body: string): SinkExport {
  const [one] = (JSON.parse(body) as WireRequest).resourceMetrics;
  const scopes = one?.scopeMetrics ?? [];
  const metrics = scopes.flatMap((scope) => scope.metrics.map(parseMetric));
  return {
    url,
    headers,
    resource: parseAttributes(one?.resource.attributes ?? []),
    scopes: scopes.map(({ scope }) => scope.name),
    metrics: new Map(metrics.map((metric) => [metric.name, metric])),
  };
}

function parseMetric({ name, unit, description, gauge, sum }: WireMetric): SinkMetric {
  const isCounter = sum?.isMonotonic === true;
  const points = (gauge ?? sum)?.dataPoints ?? [];
  return {
    name,
    unit,
    description,
    instrument: gauge === undefined ? (isCounter ? 'counter' : 'updowncounter') : 'gauge',
    points: points.map(({ attributes, asInt, asDouble }) => ({
      value: Number(asInt ?? asDouble),
      attributes: parseAttributes(attributes),
    })),
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
