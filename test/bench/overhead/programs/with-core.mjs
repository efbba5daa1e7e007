import { HeapfloorInstrumentation } from '@heapfloor/instrumentation';
import { createSilentProvider } from './silent-provider.mjs';

/** Our own part: everything that register mode watches is read as often as it exports, and nobody takes it. */
const INTERVAL_MS = Number(process.env.OTEL_METRIC_EXPORT_INTERVAL);
const { provider, collect } = createSilentProvider();
const instrumentation = new HeapfloorInstrumentation({
  enabled: false,
  semconv: 'all',
  windowSeconds: INTERVAL_MS / 1000,
});
instrumentation.setMeterProvider(provider);
instrumentation.enable();
setInterval(collect, INTERVAL_MS).unref();
