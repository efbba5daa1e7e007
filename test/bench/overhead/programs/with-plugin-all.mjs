import { HeapfloorInstrumentation } from '@heapfloor/instrumentation';
import { NodeSDK } from '@opentelemetry/sdk-node';

/** With the families that runtime-node has too: what both export then is nearest to alike. */
new NodeSDK({
  instrumentations: [new HeapfloorInstrumentation({ semconv: 'all', windowSeconds: 15 })],
}).start();
