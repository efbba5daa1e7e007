import cluster from 'node:cluster';
import { DEFAULT_EXPORT_INTERVAL_SECONDS } from '@heapfloor/contract/rule';
import { readGlobalMeterProvider } from '../await-meter-provider.ts';
import { ERROR_CODES } from '../errors.ts';
import { HeapfloorInstrumentation } from '../instrumentation.ts';
import type { HeapfloorInstrumentationConfig } from '../options.ts';
import { setDiagLogger } from './diag-logger.ts';
import { isSdkDisabled, readExportEnv, showUrl } from './read-register-env.ts';
import { markProcess, readResource } from './read-resource.ts';
import { readTlsFiles } from './read-tls-files.ts';
import { readWatchEnv, type WatchSettings } from './read-watch-env.ts';
import type { WorkerSettings } from './worker-memory.ts';

type WritableEnv = Record<string, string | undefined>;

/** What the options take; an export interval may be longer. */
const MAX_WINDOW_SECONDS = 86_400;

/**
 * Starts watching this process: over the MeterProvider that is there, else over one of our own.
 * @param env - read once, and marked with our pid.
 * @returns what workers shall do; null: nothing.
 */
export async function startRegister(
  env: WritableEnv,
  write: (line: string) => void,
): Promise<WorkerSettings | null> {
  if (isSdkDisabled(env)) return null;
  const watch = readWatchEnv(env);
  const problems = [...setDiagLogger(env, write), ...watch.problems];
  const say = (code: string, message: string): void => write(`${code}: ${message}`);
  const reportProblems = (more: readonly string[] = []): void => {
    const all = [...problems, ...more];
    if (all.length > 0) say(ERROR_CODES.envInvalid, all.join(' | '));
  };
  if (readGlobalMeterProvider() === null)
    return startOwnExport(env, { watch: watch.settings, say, reportProblems });
  reportProblems();
  return attach(watch.settings);
}

interface StartContext {
  readonly watch: WatchSettings;
  readonly say: (code: string, message: string) => void;
  readonly reportProblems: (more: readonly string[]) => void;
}

async function startOwnExport(env: WritableEnv, context: StartContext): Promise<WorkerSettings | null> {
  const { settings, problems } = readExportEnv(env);
  const { pid, ppid } = process;
  const resource = readResource(env, { pid, ppid, clusterWorkerId: cluster.worker?.id });
  const tls = readTlsFiles(env);
  context.reportProblems([...problems, ...resource.problems, ...tls.problems]);
  if (settings === null) return null;
  const { startExports } = await import('./start-exports.ts');
  const windowSeconds = Math.min(Math.max(1, settings.intervalMs / 1000), MAX_WINDOW_SECONDS);
  const config: HeapfloorInstrumentationConfig = { ...context.watch, semconv: 'all', windowSeconds };
  await startExports({
    settings,
    config,
    tls: tls.options,
    attributes: resource.attributes,
    say: (message) => context.say(ERROR_CODES.exportFailed, `${showUrl(settings.url)}: ${message}`),
  });
  markProcess(env, pid);
  return { mode: 'post', intervalMs: settings.intervalMs, config };
}

/** Own namespace only: an SDK that is there may bring the other families, and equal names are one series. */
function attach(watch: WatchSettings): WorkerSettings {
  void new HeapfloorInstrumentation(watch);
  return { mode: 'attach', intervalMs: DEFAULT_EXPORT_INTERVAL_SECONDS * 1000, config: watch };
}
