import { metrics } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';

/** The SDK alone. One constant gauge, because the SDK exports nothing at all without a metric. */
new NodeSDK({ instrumentations: [] }).start();
metrics
  .getMeter('bench')
  .createObservableGauge('bench.constant')
  .addCallback((result) => result.observe(1));
