/** An environment variable of register mode; the README's table is checked against this one. */
export interface VariableDoc {
  /** The one for metrics wins over the general one. */
  readonly names: readonly string[];
  /** What holds without it; empty: nothing. */
  readonly defaultText: string;
  readonly meaning: string;
}

/** Every variable that register mode reads, by itself or through the exporter. */
export const REGISTER_VARIABLES = [
  {
    names: ['OTEL_EXPORTER_OTLP_ENDPOINT'],
    defaultText: 'http://localhost:4318',
    meaning: 'Base address; `/v1/metrics` is appended.',
  },
  {
    names: ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'],
    defaultText: '',
    meaning: 'Complete address; wins.',
  },
  {
    names: ['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL'],
    defaultText: 'http/json',
    meaning: 'Or `http/protobuf`. `grpc` is not spoken: no metrics.',
  },
  {
    names: ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_METRICS_HEADERS'],
    defaultText: '',
    meaning: '`key=value` pairs, percent-encoded; both are sent.',
  },
  {
    names: ['OTEL_EXPORTER_OTLP_TIMEOUT', 'OTEL_EXPORTER_OTLP_METRICS_TIMEOUT'],
    defaultText: '10000',
    meaning: 'Of one request, ms; at most the time-out of the export.',
  },
  {
    names: ['OTEL_EXPORTER_OTLP_COMPRESSION', 'OTEL_EXPORTER_OTLP_METRICS_COMPRESSION'],
    defaultText: 'none',
    meaning: 'Or `gzip`.',
  },
  {
    names: ['OTEL_EXPORTER_OTLP_CERTIFICATE', 'OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE'],
    defaultText: '',
    meaning: 'PEM file of the authority that the collector is trusted by.',
  },
  {
    names: ['OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE', 'OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE'],
    defaultText: '',
    meaning: 'PEM file of our own certificate, for mutual TLS.',
  },
  {
    names: ['OTEL_EXPORTER_OTLP_CLIENT_KEY', 'OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY'],
    defaultText: '',
    meaning: 'PEM file of its key.',
  },
  {
    names: ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE'],
    defaultText: 'cumulative',
    meaning: 'Or `delta`, `lowmemory`. With `delta` an export that fails loses its counts.',
  },
  {
    names: ['OTEL_METRIC_EXPORT_INTERVAL'],
    defaultText: '15000',
    meaning: 'ms, at least 100. The specification says 60000; a fast leak dies between two such samples.',
  },
  {
    names: ['OTEL_METRIC_EXPORT_TIMEOUT'],
    defaultText: '30000',
    meaning: 'When an export counts as failed, ms; at most the interval.',
  },
  {
    names: ['OTEL_METRICS_EXPORTER'],
    defaultText: 'otlp',
    meaning: 'A list; `none` in it: no metrics. Other exporters are not known.',
  },
  {
    names: ['OTEL_SDK_DISABLED'],
    defaultText: 'false',
    meaning: '`true`: nothing is started.',
  },
  {
    names: ['OTEL_LOG_LEVEL'],
    defaultText: '',
    meaning:
      'Writes what OpenTelemetry says to stderr: `none`, `error`, `warn`, `info`, `debug`, `verbose`, `all`.',
  },
  {
    names: ['OTEL_SERVICE_NAME'],
    defaultText: 'unknown_service:node',
    meaning: 'Name of the service; wins over `service.name` among the attributes.',
  },
  {
    names: ['OTEL_RESOURCE_ATTRIBUTES'],
    defaultText: '',
    meaning: '`key=value` pairs, percent-encoded.',
  },
  {
    names: ['HEAPFLOOR_METRIC_DETAILS'],
    defaultText: '',
    meaning: 'Metrics that are off by default: a list of details, or `all`.',
  },
  {
    names: ['HEAPFLOOR_EXACT_FLOOR'],
    defaultText: 'true',
    meaning: '`false`: the profiler is never used; late readings of the floor stay lost.',
  },
  {
    names: ['HEAPFLOOR_REGISTERED_PID'],
    defaultText: '',
    meaning: 'Not for you: register mode sets it to its pid, so that child processes know who shares an id.',
  },
] as const satisfies readonly VariableDoc[];

export type VariableName = (typeof REGISTER_VARIABLES)[number]['names'][number];
