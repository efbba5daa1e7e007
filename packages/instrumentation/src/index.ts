export {
  METRIC_DETAILS,
  SEMCONV_FAMILIES,
  type MetricDetail,
  type SemconvFamily,
} from '@heapfloor/contract/metrics';
export { ERROR_CODES, InstrumentationOptionsError } from './errors.ts';
export { HeapfloorInstrumentation } from './instrumentation.ts';
export type { HeapfloorInstrumentationConfig } from './options.ts';
