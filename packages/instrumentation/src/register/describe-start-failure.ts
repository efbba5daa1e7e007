import { ERROR_CODES } from '../errors.ts';

/** The packages of register mode; a test compares them with package.json. */
export const INSTALL_COMMAND =
  'npm install @opentelemetry/api@^1.10.0 @opentelemetry/sdk-metrics@3.1.0 @opentelemetry/resources@3.1.0 ' +
  '@opentelemetry/exporter-metrics-otlp-http@0.301.0 @opentelemetry/exporter-metrics-otlp-proto@0.301.0';

/** Why register mode could not start, as the code and the message of one line. */
export function describeStartFailure(error: unknown): [code: string, message: string] {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_MODULE_NOT_FOUND') {
    const missing = /'([^']+)'/.exec(message)?.[1] ?? 'a package';
    return [
      ERROR_CODES.sdkMissing,
      `${missing} is not installed; no metrics. Install it: ${INSTALL_COMMAND}`,
    ];
  }
  // An SDK 2.x brings @opentelemetry/api 1.9; ours needs names that came with 1.10.
  if (error instanceof SyntaxError && message.includes('@opentelemetry/api')) {
    const advice = 'beside an OpenTelemetry SDK 2.x use new HeapfloorInstrumentation() instead';
    return [
      ERROR_CODES.sdkMissing,
      `@opentelemetry/api is older than 1.10; no metrics. Update it, or ${advice}`,
    ];
  }
  return [ERROR_CODES.startFailed, `${message}; no metrics`];
}
