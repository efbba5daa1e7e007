import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';

class PullReader extends MetricReader {
  async onShutdown() {}
  async onForceFlush() {}
}

/** The real SDK, asked by hand. */
export function createPullProvider() {
  const reader = new PullReader();
  const provider = new MeterProvider({ readers: [reader] });
  return { provider, collect: () => reader.collect() };
}
