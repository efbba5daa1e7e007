import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { FLUSH_DEADLINE_MS, PushReader } from './push-reader.ts';
import type { RegisterSettings } from './read-register-env.ts';
import type { ResourceAttributes } from './read-resource.ts';
import type { TlsOptions } from './read-tls-files.ts';
import { createUnrefAgent } from './unref-agent.ts';

export interface ExportOptions {
  readonly settings: RegisterSettings;
  readonly attributes: ResourceAttributes['attributes'];
  readonly tls: TlsOptions;
  readonly onFirstFailure: (reason: string) => void;
}

/**
 * A MeterProvider of our own. It is not made the global one: the app's own SDK may come later, and its registration
 * would fail.
 */
export function createExport(options: ExportOptions): MeterProvider {
  const { settings, attributes, tls, onFirstFailure } = options;
  // Headers, timeout, compression and temporality: the exporter reads their variables itself.
  const exporter = new OTLPMetricExporter({
    url: settings.url,
    httpAgentOptions: (protocol) => createUnrefAgent(protocol, tls),
  });
  removeRetries(exporter);
  const reader = new PushReader({
    exporter,
    intervalMs: settings.intervalMs,
    timeoutMs: settings.exportTimeoutMs,
    onFirstFailure,
  });
  process.once('beforeExit', () => flushAtExit(reader));
  return new MeterProvider({ resource: resourceFromAttributes({ ...attributes }), readers: [reader] });
}

/**
 * The exporter repeats a failed request for up to 10 s, with timers that hold the process. The next interval sends the
 * same totals anyway. It has no option for this, so its transport is unwrapped; a test fails if its shape changes.
 */
function removeRetries(exporter: object): void {
  const { _delegate: delegate } = exporter as { _delegate?: { _transport?: { _transport?: object } } };
  const transport = delegate?._transport?._transport;
  if (delegate !== undefined && transport !== undefined) delegate._transport = transport;
}

/** The last figures of a process that ends by itself. Not sent to a collector that has just failed. */
function flushAtExit(reader: PushReader): void {
  if (reader.isFailing) return;
  // Our sockets and timers hold nothing, so this one timer does, and for so long only.
  const hold = setTimeout(() => {}, FLUSH_DEADLINE_MS);
  const release = (): void => clearTimeout(hold);
  reader.forceFlush().then(release, release);
}
