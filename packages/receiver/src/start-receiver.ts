import { describeError, OptionsError } from '@heapfloor/contract';
import { createFloorRuleEvaluator } from '@heapfloor/mixin/evaluator';
import { createActivity, type Activity } from './activity.ts';
import { createAlertAdmission, type AdmitAlert } from './alerts/admit-alert.ts';
import { loadOrCreateKeyPairFile } from './control/key-pair.ts';
import { createApp } from './create-app.ts';
import { readCredentials, type Credentials } from './credentials.ts';
import { prepareDataDirectory } from './data-directory.ts';
import { createEmbeddedRule, type EmbeddedRule } from './instances/embedded-rule.ts';
import { createInstanceRegistry } from './instances/instance-registry.ts';
import { createJobContext } from './jobs/create-job-context.ts';
import { createJobRunner } from './jobs/job-runner.ts';
import { createSqliteJobStore } from './jobs/sqlite-job-store.ts';
import { listen } from './listen.ts';
import { createLogEvent, logToStderr, type Log, type LogEvent } from './log.ts';
import {
  parseReceiverOptions,
  validateExposure,
  type ReceiverOptions,
  type ReceiverOptionsInput,
} from './options.ts';
import * as pages from './pages/index.ts';
import type { Parts } from './parts.ts';
import { createTargetRegistry, type TargetRegistry } from './targets/target-registry.ts';

export interface StartOptions {
  /** Environment to read options from; none when left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: JSON lines on stderr. */
  readonly log?: Log;
}

export interface RunningReceiver {
  readonly url: string;
  /** What the apps need to check commands. */
  readonly publicKeyFile: string;
  /** Stops listening and working; an open capture goes on at the next start. */
  readonly close: () => Promise<void>;
}

/** Silent instances are looked for so often. Unit: ms. */
const EXPIRE_INTERVAL_MS = 5000;

/**
 * The whole receiver, listening.
 * @throws OptionsError with every problem of options and files at once.
 */
export async function startReceiver(
  input: ReceiverOptionsInput = {},
  { env, log = logToStderr }: StartOptions = {},
): Promise<RunningReceiver> {
  const logEvent = createLogEvent(log, clock);
  const options = parseReceiverOptions(input, env);
  const { credentials, targets } = await readFiles(options, logEvent);
  const data = await prepareDataDirectory(options.dataDirectory);
  const keys = await loadOrCreateKeyPairFile(options.privateKeyFile ?? data.privateKeyFile);
  const parts: Parts = {
    options,
    targets,
    clock,
    logEvent,
    store: createSqliteJobStore(data.jobsFile),
    instances: createInstanceRegistry(),
    artifactsDirectory: data.artifactsDirectory,
    privateKeyPem: keys.privateKeyPem,
  };
  const runner = createJobRunner(createJobContext(parts));
  const activity = createActivity(clock());
  const admit = createAdmission(parts, () => runner.wake());
  const embeddedRule = options.evaluateRule ? createRule(parts, noting(activity, admit)) : null;
  const state = { isDraining: false, baseUrl: '' };
  const app = createApp({
    ...parts,
    credentials,
    admit,
    embeddedRule,
    pages,
    activity,
    baseUrl: () => state.baseUrl,
    isDraining: () => state.isDraining,
  });
  const listener = await listen(app, { ...options, logEvent }).catch(async (error: unknown) => {
    await parts.store.close();
    throw error;
  });
  const url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${listener.port}`;
  state.baseUrl = options.publicUrl ?? url;
  runner.start();
  const expiry = embeddedRule === null ? undefined : startExpiry(embeddedRule, parts);
  const closedEndpoints = listClosedEndpoints(options, credentials);
  logEvent('info', 'listening', {
    url,
    publicKeyFile: keys.publicKeyFile,
    closedEndpoints,
  });

  async function stop(): Promise<void> {
    state.isDraining = true;
    clearInterval(expiry);
    await Promise.all([listener.close(), runner.stop()]);
    await parts.store.close();
    logEvent('info', 'stopped', { url });
  }
  let stopped: Promise<void> | undefined;
  return { url, publicKeyFile: keys.publicKeyFile, close: async () => (stopped ??= stop()) };
}

function clock(): Date {
  return new Date();
}

/** Nothing configured and nothing allowed: the log says it before a sender finds out. */
function listClosedEndpoints(options: ReceiverOptions, credentials: Credentials): string[] {
  if (options.allowUnsigned) return [];
  const { alertmanagerTokens, alertmanagerBasicPairs, grafanaHmacSecrets, otlpTokens } = credentials;
  const openedBy = {
    '/hooks/alertmanager': [...alertmanagerTokens, ...alertmanagerBasicPairs],
    '/hooks/grafana': grafanaHmacSecrets,
    '/v1/metrics': otlpTokens,
  };
  return Object.entries(openedBy).flatMap(([path, secrets]) => (secrets.length === 0 ? [path] : []));
}

async function readFiles(
  options: ReceiverOptions,
  logEvent: LogEvent,
): Promise<{ credentials: Credentials; targets: TargetRegistry }> {
  const { credentials, problems } = await readCredentials(options);
  const { registry, problems: targetProblems } = await createTargetRegistry(options.targetsFile, logEvent);
  const all = [...validateExposure(options), ...problems, ...targetProblems];
  if (all.length > 0) throw new OptionsError('RECEIVER_OPTIONS', 'heapfloor receiver', all);
  return { credentials, targets: registry };
}

function createAdmission(parts: Parts, onEnqueued: () => void): AdmitAlert {
  const { alertNames, maxAlertAgeSeconds, maxOpenJobs, requestedKind, cooldownSeconds } = parts.options;
  return createAlertAdmission({
    ...parts,
    policy: {
      alertNames,
      maxAlertAgeSeconds,
      maxOpenJobs,
      requestedKind,
      cooldownMs: cooldownSeconds * 1000,
    },
    onEnqueued,
  });
}

/** For the pages an alert of the embedded rule has come in as one of a webhook has. */
function noting(activity: Activity, admit: AdmitAlert): AdmitAlert {
  return async (alert) => {
    activity.noteWebhook(clock());
    return admit(alert);
  };
}

function createRule({ options, logEvent }: Parts, admit: AdmitAlert): EmbeddedRule {
  const { minSpanSeconds, staleAfterSeconds } = options;
  const evaluator = createFloorRuleEvaluator({ minSpanSeconds, staleAfterMs: staleAfterSeconds * 1000 });
  return createEmbeddedRule({ evaluator, admit, logEvent });
}

function startExpiry(rule: EmbeddedRule, { clock, logEvent }: Parts): NodeJS.Timeout {
  const expire = (): void => {
    rule.expire(clock()).catch((error: unknown) => {
      logEvent('error', 'expiry-failed', { error: describeError(error) });
    });
  };
  return setInterval(expire, EXPIRE_INTERVAL_MS).unref();
}
