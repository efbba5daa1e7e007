/** An app with an OpenTelemetry SDK of its own, as its maintainers would write it. */
import { NodeSDK } from '@opentelemetry/sdk-node';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';
import { HeapfloorInstrumentation } from '@heapfloor/instrumentation';

new NodeSDK({ instrumentations: [new RuntimeNodeInstrumentation(), new HeapfloorInstrumentation()] }).start();
setInterval(() => Array.from({ length: 1000 }, (_, index) => ({ index })), 5);
