import type { Agent } from 'node:http';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { ExportSettings, OtlpProtocol } from './read-register-env.ts';
import type { TlsOptions } from './read-tls-files.ts';
import { createStrictTransport, type ParseAnswer, type Transport } from './strict-transport.ts';
import { createUnrefAgent } from './unref-agent.ts';

/** As the OTLP exporters are: they also choose temporality and aggregation. */
export type Exporter = PushMetricExporter &
  Required<Pick<PushMetricExporter, 'selectAggregation' | 'selectAggregationTemporality'>> & {
    /** Closes its connection, in use or not; the exporter's own time-out does not see one that is never made. */
    abort(): void;
  };

export type CreateExporter = () => Exporter;

/**
 * Loads the SDK's exporter for the protocol. Headers and temporality it reads from the environment by itself. Each isolate
 * gets one of its own: what one gives up must not end the requests of the others.
 */
export async function loadExporter(settings: ExportSettings, tls: TlsOptions): Promise<CreateExporter> {
  const OTLPMetricExporter = await importExporter(settings.protocol);
  return () => createExporter(OTLPMetricExporter, settings, tls);
}

function createExporter(
  OTLPMetricExporter: Awaited<ReturnType<typeof importExporter>>,
  settings: ExportSettings,
  tls: TlsOptions,
): Exporter {
  let agent: Agent | null = null;
  const exporter = new OTLPMetricExporter({
    url: settings.url,
    timeoutMillis: settings.requestTimeoutMs,
    // The exporter's type is an enum with these values.
    compression: settings.compression as never,
    httpAgentOptions: (protocol) => (agent = createUnrefAgent(protocol, tls)),
  });
  let abortCount = 0;
  makeStrict(exporter, () => abortCount);
  const abort = (): void => {
    abortCount += 1;
    agent?.destroy();
  };
  return Object.assign(exporter, { abort });
}

/** Only the one that is wanted is loaded. */
async function importExporter(protocol: OtlpProtocol) {
  return protocol === 'http/protobuf'
    ? (await import('@opentelemetry/exporter-metrics-otlp-proto')).OTLPMetricExporter
    : (await import('@opentelemetry/exporter-metrics-otlp-http')).OTLPMetricExporter;
}

/** The parts of the exporter that it has no option for; a test fails if its shape changes. */
interface ExporterInside {
  readonly _delegate?: {
    _transport?: { readonly _transport?: Transport };
    readonly _serializer?: { readonly deserializeResponse: ParseAnswer };
  };
}

/**
 * The exporter repeats a failed request for up to 10 s, with timers that hold the process; the next interval sends the
 * same totals anyway. And it takes a partial success for a success. Of another shape it keeps both habits.
 */
function makeStrict(exporter: object, countAborts: () => number): void {
  const { _delegate: delegate } = exporter as ExporterInside;
  const transport = delegate?._transport?._transport;
  const serializer = delegate?._serializer;
  if (delegate === undefined || transport === undefined || serializer === undefined) return;
  const strict = createStrictTransport(
    transport,
    (data) => serializer.deserializeResponse(data),
    countAborts,
  );
  Object.assign(delegate, { _transport: strict });
}
