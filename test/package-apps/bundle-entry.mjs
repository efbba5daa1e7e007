/** Bundled into one file; says what it exports. */
import { metrics } from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { HeapfloorInstrumentation } from '@heapfloor/instrumentation';

class Reader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}

const reader = new Reader();
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
new HeapfloorInstrumentation();
void reader.collect().then(({ resourceMetrics, errors }) => {
  const names = resourceMetrics.scopeMetrics.flatMap((scope) =>
    scope.metrics.map((one) => one.descriptor.name),
  );
  process.stdout.write(JSON.stringify({ names, errors: errors.map(String) }));
});
