/** Everything between the environment and the wire, for tests that look at what comes out. */
import { vi } from 'vitest';
import { createExport, type IsolateExport } from '../register/create-export.ts';
import { loadExporter } from '../register/create-exporter.ts';
import type { ExportFailure } from '../register/export-failure.ts';
import { readExportEnv } from '../register/read-register-env.ts';
import { readTlsFiles } from '../register/read-tls-files.ts';

export type PipeEnv = Readonly<Record<string, string>>;

/** Exports when it is told to, and collects the results. */
export async function createPipe(
  env: PipeEnv,
): Promise<IsolateExport & { results: (ExportFailure | null)[] }> {
  // The exporter reads headers and temporality from the environment of the process.
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const { settings, problems } = readExportEnv({ OTEL_METRIC_EXPORT_INTERVAL: '2000', ...env });
  if (settings === null || problems.length > 0) throw new Error(`bad environment: ${problems.join()}`);
  const results: (ExportFailure | null)[] = [];
  const createExporter = await loadExporter(settings, readTlsFiles(env).options);
  const exporter = createExporter();
  const { exportTimeoutMs: timeoutMs } = settings;
  const options = {
    exporter,
    timeoutMs,
    intervalMs: null,
    onResult: (one: ExportFailure | null) => void results.push(one),
  };
  return { ...createExport({ 'service.name': 'shop', 'process.pid': 7 }, options), results };
}

/** One metric of each kind, with values that a wrong byte would change. */
export function recordAll({ provider }: IsolateExport): void {
  const meter = provider.getMeter('test-scope');
  meter
    .createCounter('count', { unit: '{gc}', description: 'A count.', valueType: 0 })
    .add(300, { type: 'major' });
  meter.createUpDownCounter('level', { unit: 'By', valueType: 0 }).add(-5_000_000_000);
  meter.createObservableGauge('ratio', { unit: '1' }).addCallback((result) => {
    result.observe(0.751, { level: 'ü' });
    result.observe(-1e-9, { level: 'low', number: 4 });
  });
  const histogram = meter.createHistogram('time', {
    unit: 's',
    advice: { explicitBucketBoundaries: [0.1, 1] },
  });
  for (const value of [0.05, 0.5, 0.25, 7]) histogram.record(value);
}

/** What then arrives. */
export const EXPECTED_METRICS = [
  {
    name: 'count',
    unit: '{gc}',
    description: 'A count.',
    instrument: 'counter',
    temporality: 2,
    points: [{ value: 300, attributes: { type: 'major' } }],
  },
  {
    name: 'level',
    unit: 'By',
    description: '',
    instrument: 'updowncounter',
    temporality: 2,
    points: [{ value: -5_000_000_000, attributes: {} }],
  },
  {
    name: 'ratio',
    unit: '1',
    description: '',
    instrument: 'gauge',
    temporality: undefined,
    points: [
      { value: 0.751, attributes: { level: 'ü' } },
      { value: -1e-9, attributes: { level: 'low', number: 4 } },
    ],
  },
  {
    name: 'time',
    unit: 's',
    description: '',
    instrument: 'histogram',
    temporality: 2,
    points: [{ value: 7.8, attributes: {}, bucketCounts: [1, 2, 1] }],
  },
];
