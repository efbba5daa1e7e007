import { HeapfloorInstrumentation } from '@heapfloor/instrumentation';
import { NodeSDK } from '@opentelemetry/sdk-node';

/** As a user adds it to an SDK that is there. */
new NodeSDK({ instrumentations: [new HeapfloorInstrumentation()] }).start();
