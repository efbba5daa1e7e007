import { readGlobalMeterProvider } from '../await-meter-provider.ts';
import { ERROR_CODES } from '../errors.ts';
import { HeapfloorInstrumentation } from '../instrumentation.ts';
import { isSdkDisabled, readRegisterEnv, type Env } from './read-register-env.ts';
import { readResource } from './read-resource.ts';
import { readTlsFiles } from './read-tls-files.ts';

/** Writes one line about a problem; the app goes on. */
export type Report = (code: string, message: string) => void;

/** Starts watching this process: over the MeterProvider that is there, else over one of our own. */
export async function startRegister(env: Env, report: Report): Promise<void> {
  if (isSdkDisabled(env)) return;
  // Own namespace only: an SDK that is there may bring the other families, and equal names are one series.
  if (readGlobalMeterProvider() === null) await startOwnExport(env, report);
  else void new HeapfloorInstrumentation();
}

async function startOwnExport(env: Env, report: Report): Promise<void> {
  const { settings, problems } = readRegisterEnv(env);
  const resource = readResource(env);
  const tls = readTlsFiles(env);
  const all = [...problems, ...resource.problems, ...tls.problems];
  if (all.length > 0) report(ERROR_CODES.envInvalid, all.join(' | '));
  if (settings === null) return;
  const { createExport } = await import('./create-export.ts');
  const provider = createExport({
    settings,
    attributes: resource.attributes,
    tls: tls.options,
    onFirstFailure: (reason) =>
      report(ERROR_CODES.exportFailed, `${withoutSecrets(settings.url)}: ${reason}; said once, tried on`),
  });
  const windowSeconds = Math.max(1, settings.intervalMs / 1000);
  const instrumentation = new HeapfloorInstrumentation({ enabled: false, semconv: 'all', windowSeconds });
  instrumentation.setMeterProvider(provider);
  instrumentation.enable();
}

function withoutSecrets(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
