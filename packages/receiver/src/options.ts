import {
  ALERT_NODEJS_HEAP_FLOOR_HIGH,
  captureKind,
  DEFAULT_EXPORT_INTERVAL_SECONDS,
  parseOptions,
} from '@heapfloor/contract';
import { z } from 'zod';

const ENV_PREFIX = 'HEAPFLOOR_RECEIVER_';

function env(name: string, description: string): { env: string; description: string } {
  return { env: `${ENV_PREFIX}${name}`, description };
}

function optionalFile(name: string, description: string): z.ZodOptional<z.ZodString> {
  return z.string().min(1).optional().meta(env(name, description));
}

/** Everything that can be set; secrets are never options but files, so that no log and no process list shows them. */
export const receiverOptions = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').meta(env('HOST', 'Address to listen on.')),
  port: z.int().min(0).max(65_535).default(9464).meta(env('PORT', 'Port to listen on; 0 takes a free one.')),
  publicUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta(env('PUBLIC_URL', 'Address of the pages in links, if it is not the one listened on.')),
  dataDirectory: z
    .string()
    .min(1)
    .default('./.heapfloor')
    .meta(env('DATA_DIRECTORY', 'Jobs, artifacts and keys; created with mode 0700.')),
  targetsFile: optionalFile(
    'TARGETS_FILE',
    'Targets that alerts may select, YAML or JSON; read again when it changes.',
  ),
  privateKeyFile: optionalFile(
    'PRIVATE_KEY_FILE',
    'Ed25519 key (PKCS#8 PEM) that signs commands; default `<dataDirectory>/control-key.pem`, created when missing.',
  ),
  alertmanagerBearerTokenFile: optionalFile(
    'ALERTMANAGER_BEARER_TOKEN_FILE',
    'Token of Alertmanager; several lines are several valid tokens.',
  ),
  alertmanagerBasicAuthFile: optionalFile(
    'ALERTMANAGER_BASIC_AUTH_FILE',
    '`user:password` of Alertmanager; several lines are several valid pairs.',
  ),
  grafanaHmacSecretFile: optionalFile(
    'GRAFANA_HMAC_SECRET_FILE',
    'HMAC secret of the Grafana contact point; several lines are several valid secrets.',
  ),
  grafanaHmacHeader: z
    .string()
    .min(1)
    .default('X-Grafana-Alerting-Signature')
    .meta(env('GRAFANA_HMAC_HEADER', 'Header with the signature.')),
  grafanaHmacTimestampHeader: z
    .string()
    .min(1)
    .default('X-Grafana-Alerting-Timestamp')
    .meta(
      env(
        'GRAFANA_HMAC_TIMESTAMP_HEADER',
        'Header with the signed time; the contact point must name it, Grafana has no default.',
      ),
    ),
  readTokenFile: optionalFile(
    'READ_TOKEN_FILE',
    'Token for pages, API and artifacts: bearer, or basic with any user name.',
  ),
  otlpTokenFile: optionalFile('OTLP_TOKEN_FILE', 'Bearer token of the apps that send metrics.'),
  allowUnsigned: z
    .boolean()
    .default(false)
    .meta(
      env('ALLOW_UNSIGNED', 'On loopback only: accept alerts and metrics where no credential is configured.'),
    ),
  alertNames: z
    .array(z.string().min(1))
    .min(1)
    .default([ALERT_NODEJS_HEAP_FLOOR_HIGH])
    .meta(env('ALERT_NAMES', 'Alerts that trigger a capture.')),
  evaluateRule: z
    .boolean()
    .default(true)
    .meta(env('EVALUATE_RULE', 'Evaluate the floor rule on metrics sent to `/v1/metrics`.')),
  minSpanSeconds: z
    .number()
    .positive()
    .default(DEFAULT_EXPORT_INTERVAL_SECONDS)
    .meta(env('MIN_SPAN_SECONDS', 'Export interval of the apps: the span that two samples must be apart.')),
  staleAfterSeconds: z
    .number()
    .min(1)
    .default(120)
    .meta(env('STALE_AFTER_SECONDS', 'An instance that was silent for so long ends its embedded alert.')),
  // An inspector is for a person who asks for it.
  requestedKind: captureKind
    .exclude(['inspector'])
    .default('heap-snapshot')
    .meta(env('REQUESTED_KIND', 'What to ask for; the guards of the app may grant less.')),
  snapshotCount: z
    .int()
    .min(1)
    .max(2)
    .default(2)
    .meta(env('SNAPSHOT_COUNT', 'Heap snapshots per capture; two can be compared.')),
  snapshotGapMs: z
    .int()
    .min(0)
    .max(600_000)
    .default(10_000)
    .meta(env('SNAPSHOT_GAP_MS', 'Pause between two snapshots.')),
  profileDurationMs: z
    .int()
    .min(1_000)
    .max(300_000)
    .default(30_000)
    .meta(env('PROFILE_DURATION_MS', 'Length of a heap sampling profile.')),
  cooldownSeconds: z
    .number()
    .min(0)
    .default(1800)
    .meta(env('COOLDOWN_SECONDS', 'Least time between two captures of one target.')),
  maxAlertAgeSeconds: z
    .number()
    .min(1)
    .default(900)
    .meta(
      env('MAX_ALERT_AGE_SECONDS', 'An alert that began before that is no reason for a capture any more.'),
    ),
  maxOpenJobs: z
    .int()
    .min(1)
    .default(100)
    .meta(env('MAX_OPEN_JOBS', 'Open captures above which alerts are answered 503.')),
  maxAttempts: z.int().min(1).default(5).meta(env('MAX_ATTEMPTS', 'Times that one capture is started.')),
  maxConcurrentCaptures: z
    .int()
    .min(1)
    .max(16)
    .default(2)
    .meta(
      env(
        'MAX_CONCURRENT_CAPTURES',
        'Captures worked on at once, of one service never more than one; each may analyse.',
      ),
    ),
  captureDeadlineSeconds: z
    .number()
    .min(1)
    .default(900)
    .meta(env('CAPTURE_DEADLINE_SECONDS', 'Longest time that the app may take for one capture.')),
  leaseSeconds: z
    .number()
    .min(1)
    .default(15)
    .meta(env('LEASE_SECONDS', 'After so long a capture whose receiver died is taken up again.')),
  analysisMemoryLimitMiB: z
    .int()
    .min(64)
    .default(2048)
    .meta(env('ANALYSIS_MEMORY_LIMIT_MIB', 'Memory limit of the analysis process.')),
  analysisDeadlineMs: z
    .int()
    .min(1_000)
    .default(900_000)
    .meta(env('ANALYSIS_DEADLINE_MS', 'Longest time of one analysis.')),
  prometheusUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta(
      env(
        'PROMETHEUS_URL',
        'Prometheus to read the floor history from when no metrics come to `/v1/metrics`.',
      ),
    ),
});

export type ReceiverOptions = z.output<typeof receiverOptions>;
export type ReceiverOptionsInput = z.input<typeof receiverOptions>;

/** @throws OptionsError with every problem of the values at once. */
export function parseReceiverOptions(
  input: Readonly<Record<string, unknown>>,
  env?: Readonly<Record<string, string | undefined>>,
): ReceiverOptions {
  const context = { what: 'heapfloor receiver', code: 'RECEIVER_OPTIONS', envPrefix: ENV_PREFIX };
  return parseOptions(receiverOptions, input, env === undefined ? context : { ...context, env });
}

/** What is wrong across options: a receiver that others can reach must know who they are. */
export function validateExposure(options: ReceiverOptions): string[] {
  if (isLoopbackHost(options.host)) return [];
  return EXPOSURE_RULES.flatMap((rule) => rule(options) ?? []).map(
    (problem) => `${problem} (host ${options.host} is not a loopback address)`,
  );
}

/** Names and addresses that only this machine reaches. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

const EXPOSURE_RULES: readonly ((options: ReceiverOptions) => string | null)[] = [
  ({ allowUnsigned }) => (allowUnsigned ? 'allowUnsigned: only on loopback' : null),
  ({ readTokenFile }) => (readTokenFile === undefined ? 'readTokenFile: is needed' : null),
  ({ evaluateRule, otlpTokenFile }) =>
    evaluateRule && otlpTokenFile === undefined ? 'otlpTokenFile: is needed, or evaluateRule false' : null,
  (options) =>
    hasWebhookCredential(options) || options.otlpTokenFile !== undefined
      ? null
      : 'alertmanagerBearerTokenFile, alertmanagerBasicAuthFile or grafanaHmacSecretFile: one is needed',
];

function hasWebhookCredential(options: ReceiverOptions): boolean {
  const files = [
    options.alertmanagerBearerTokenFile,
    options.alertmanagerBasicAuthFile,
    options.grafanaHmacSecretFile,
  ];
  return files.some((file) => file !== undefined);
}
