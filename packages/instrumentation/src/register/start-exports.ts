import { METER_NAME } from '@heapfloor/contract/metrics';
import { bindCollectors } from '../bind-collectors.ts';
import { HeapfloorInstrumentation } from '../instrumentation.ts';
import type { HeapfloorInstrumentationConfig } from '../options.ts';
import { VERSION } from '../version.ts';
import { createExport } from './create-export.ts';
import { loadExporter } from './create-exporter.ts';
import { createExportHealth } from './export-health.ts';
import { flushAtExit } from './flush-at-exit.ts';
import type { ExportSettings } from './read-register-env.ts';
import type { Attributes } from './read-resource.ts';
import type { TlsOptions } from './read-tls-files.ts';
import { watchWorkers } from './watch-workers.ts';

export interface StartExportsOptions {
  readonly settings: ExportSettings;
  readonly config: HeapfloorInstrumentationConfig;
  readonly tls: TlsOptions;
  /** Resource of this process. */
  readonly attributes: Attributes;
  /** Tells of the first failed export and of the first recovery. */
  readonly say: (message: string) => void;
}

/** Watches and exports this thread and its workers. This file loads the SDK. */
export async function startExports(options: StartExportsOptions): Promise<void> {
  const { settings, config, attributes } = options;
  const health = createExportHealth(options.say);
  const createExporter = await loadExporter(settings, options.tls);
  const shared = {
    timeoutMs: settings.exportTimeoutMs,
    onResult: health.onResult,
  };
  const { intervalMs } = settings;
  const { provider, reader } = createExport(attributes, {
    ...shared,
    exporter: createExporter(),
    intervalMs,
  });
  flushAtExit(reader, health);
  bindCollectors(provider.getMeter(METER_NAME, VERSION), [health.collector]);
  // No attributes: the resource is of this isolate alone.
  const instrumentation = new HeapfloorInstrumentation({ ...config, enabled: false }, {});
  instrumentation.setMeterProvider(provider);
  instrumentation.enable();
  watchWorkers({
    intervalMs,
    // Only when a worker has posted: else the last values of a dead one would be sent for ever.
    createExport: (own) =>
      createExport({ ...attributes, ...own }, { ...shared, exporter: createExporter(), intervalMs: null }),
    instanceId: String(attributes['service.instance.id']),
  });
}
