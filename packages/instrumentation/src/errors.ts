import { OptionsError } from '@heapfloor/contract/errors';

/** Every code of this package. In register mode nothing is thrown: the code begins the one line on stderr. */
export const ERROR_CODES = {
  optionsInvalid: 'INSTRUMENTATION_OPTIONS_INVALID',
  envInvalid: 'INSTRUMENTATION_ENV_INVALID',
  sdkMissing: 'INSTRUMENTATION_SDK_MISSING',
  startFailed: 'INSTRUMENTATION_START_FAILED',
  exportFailed: 'INSTRUMENTATION_EXPORT_FAILED',
} as const;

/** The options given to `new HeapfloorInstrumentation()` or `setConfig()` are wrong. */
export class InstrumentationOptionsError extends OptionsError {
  constructor(problems: readonly string[]) {
    super(ERROR_CODES.optionsInvalid, 'HeapfloorInstrumentation options', problems);
    this.name = 'InstrumentationOptionsError';
  }
}
