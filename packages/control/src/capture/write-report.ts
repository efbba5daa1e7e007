import type { ArtifactFile } from './artifact-file.ts';
import type { IsolateChannel } from './main-isolate.ts';

/** A constant: nothing that comes over the wire is ever evaluated. Network interfaces would be resolved by DNS. */
const GET_REPORT = `(() => {
  const { report } = process;
  const { excludeEnv, excludeNetwork } = report;
  report.excludeEnv = true;
  report.excludeNetwork = true;
  try { return JSON.stringify(report.getReport()); }
  finally { report.excludeEnv = excludeEnv; report.excludeNetwork = excludeNetwork; }
})()`;

const REDACTED = '[redacted]';
/** `--name=value` and what follows a flag can be a password; flag names and the program stay. */
const FLAG_NAME = /^(--?[A-Za-z][\w-]*)(=.*)?$/s;

interface EvaluateResult {
  readonly result: { readonly value?: string };
  readonly exceptionDetails?: { readonly text: string };
}

interface DiagnosticReport {
  header?: { commandLine?: string[] };
  environmentVariables?: unknown;
  /** Of the worker threads, each with a header and an environment of its own. */
  workers?: DiagnosticReport[];
}

/** Node's diagnostic report of the main thread, without environment and without the values of arguments. */
export async function writeReport(isolate: IsolateChannel, file: ArtifactFile): Promise<void> {
  const params = { expression: GET_REPORT, returnByValue: true };
  const { result, exceptionDetails } = await isolate.send<EvaluateResult>('Runtime.evaluate', params, 60_000);
  if (result.value === undefined)
    throw new Error(`process.report failed: ${exceptionDetails?.text ?? 'no value'}`);
  file.write(JSON.stringify(redactReport(JSON.parse(result.value) as DiagnosticReport), undefined, 2));
}

/** `excludeEnv` reaches neither Node before 22.13 nor the reports of workers, so the environment is removed here as well. */
export function redactReport(report: DiagnosticReport): DiagnosticReport {
  const { environmentVariables: _removed, workers, header, ...rest } = report;
  const commandLine = header?.commandLine?.map(redactArgument);
  return {
    ...(header !== undefined && { header: { ...header, ...(commandLine !== undefined && { commandLine }) } }),
    ...rest,
    ...(workers !== undefined && { workers: workers.map(redactReport) }),
  };
}

function redactArgument(argument: string, index: number): string {
  if (index === 0) return argument;
  const [, name, value] = FLAG_NAME.exec(argument) ?? [];
  if (name === undefined) return REDACTED;
  return value === undefined ? name : `${name}=${REDACTED}`;
}
