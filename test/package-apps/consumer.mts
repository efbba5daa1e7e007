import { HeapfloorInstrumentation, type HeapfloorInstrumentationConfig } from '@heapfloor/instrumentation';
import { metrics } from '@opentelemetry/api';

const config: HeapfloorInstrumentationConfig = { semconv: ['process'], details: ['gc'], exactFloor: false };
const instrumentation = new HeapfloorInstrumentation(config);
instrumentation.setMeterProvider(metrics.getMeterProvider());
// @ts-expect-error -- there is no such family, and the types say so.
instrumentation.setConfig({ semconv: ['nothing'] });
