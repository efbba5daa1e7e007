export { ERROR_CODES, InstrumentationOptionsError } from './errors.ts';
export { HeapfloorInstrumentation } from './instrumentation.ts';
export { SEMCONV_FAMILIES, type HeapfloorInstrumentationConfig, type SemconvFamily } from './options.ts';
