import { diag, DiagLogLevel, type DiagLogger } from '@opentelemetry/api';
import { inspect } from 'node:util';
import { hideCredentials, readChoice, readText, type Env } from './env-values.ts';

const LEVELS = {
  info: DiagLogLevel.INFO,
  none: DiagLogLevel.NONE,
  error: DiagLogLevel.ERROR,
  warn: DiagLogLevel.WARN,
  debug: DiagLogLevel.DEBUG,
  verbose: DiagLogLevel.VERBOSE,
  all: DiagLogLevel.ALL,
} as const;

type Level = keyof typeof LEVELS;
/** Of the specification, first the default. */
const LEVEL_NAMES = Object.keys(LEVELS) as [Level, ...Level[]];

/**
 * Writes what OpenTelemetry says of itself to stderr, if the environment asks for it and nobody else listens. Without
 * the variable nothing is said, as with the SDK's own registration.
 */
export function setDiagLogger(env: Env, write: (line: string) => void): readonly string[] {
  const problems: string[] = [];
  if (readText(env, 'OTEL_LOG_LEVEL') === undefined) return problems;
  const level = readChoice({ env, name: 'OTEL_LOG_LEVEL', problems }, LEVEL_NAMES);
  if (!hasDiagLogger()) diag.setLogger(createLogger(write), LEVELS[level]);
  return problems;
}

/** The API has no question for it; it keeps its globals under this symbol (`api/src/internal/global-utils.ts`). */
function hasDiagLogger(): boolean {
  const globals = (globalThis as Record<symbol, unknown>)[Symbol.for('opentelemetry.js.api.1')];
  return (globals as { diag?: unknown } | undefined)?.diag !== undefined;
}

/** Not the API's console logger: that one writes `info` and `debug` to the stdout of the app. */
function createLogger(write: (line: string) => void): DiagLogger {
  const log =
    (level: string) =>
    (message: string, ...args: readonly unknown[]): void => {
      const details = args.map((arg) => (typeof arg === 'string' ? arg : inspect(arg, { depth: 4 })));
      write(hideCredentials(`OpenTelemetry ${level}: ${[message, ...details].join(' ')}`));
    };
  return {
    error: log('error'),
    warn: log('warn'),
    info: log('info'),
    debug: log('debug'),
    verbose: log('verbose'),
  };
}
