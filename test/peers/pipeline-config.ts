/**
 * The configurations of `deploy/` with what a test must change and nothing else: addresses, intervals, file paths and
 * credentials. They are read, changed and written, never copied, so that the tests run what users get.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { floorRuleGroups, formatRuleFile, prometheusDuration } from '@heapfloor/mixin';
import { parse, stringify } from 'yaml';

export const DEPLOY_DIRECTORY = fileURLToPath(new URL('../../deploy/', import.meta.url));
export const COLLECTOR_CONFIG_FILE = join(DEPLOY_DIRECTORY, 'otel-collector', 'config.yaml');

/** What is changed of deploy/prometheus/prometheus.yml. */
interface PrometheusConfig {
  global: { scrape_interval: string; evaluation_interval: string };
  rule_files: string[];
  alerting: { alertmanagers: { static_configs: { targets: string[] }[] }[] };
}

/** What is changed of deploy/alertmanager/alertmanager.yml. */
interface AlertmanagerConfig {
  route: { routes: { receiver: string; group_interval: string }[] };
  receivers: { name: string; webhook_configs?: WebhookConfig[] }[];
}

interface WebhookConfig {
  url: string;
  http_config: { authorization: { credentials_file: string } };
}

export interface PrometheusOverrides {
  readonly intervalSeconds: number;
  readonly alertmanagerUrl: string;
}

/** @returns the path of the configuration; the rule file of the interval is written beside it. */
export function writePrometheusConfig(directory: string, overrides: PrometheusOverrides): string {
  const { intervalSeconds, alertmanagerUrl } = overrides;
  const config = readDeployed('prometheus/prometheus.yml') as PrometheusConfig;
  const interval = prometheusDuration(intervalSeconds);
  config.global.scrape_interval = interval;
  config.global.evaluation_interval = interval;
  config.rule_files = [
    writeText(directory, 'heapfloor.rules.yml', formatRuleFile(floorRuleGroups({ intervalSeconds }))),
  ];
  only(only(config.alerting.alertmanagers).static_configs).targets = [new URL(alertmanagerUrl).host];
  return writeText(directory, 'prometheus.yml', stringify(config));
}

export interface AlertmanagerOverrides {
  readonly intervalSeconds: number;
  readonly webhookUrl: string;
  readonly bearerToken: string;
}

/** @returns the path of the configuration; the token lies beside it. */
export function writeAlertmanagerConfig(directory: string, overrides: AlertmanagerOverrides): string {
  const { intervalSeconds, webhookUrl, bearerToken } = overrides;
  const config = readDeployed('alertmanager/alertmanager.yml') as AlertmanagerConfig;
  only(config.route.routes).group_interval = prometheusDuration(intervalSeconds);
  const webhook = only(config.receivers.flatMap(({ webhook_configs }) => webhook_configs ?? []));
  webhook.url = webhookUrl;
  webhook.http_config.authorization.credentials_file = writeText(
    directory,
    'alertmanager-token',
    bearerToken,
  );
  return writeText(directory, 'alertmanager.yml', stringify(config));
}

function readDeployed(path: string): unknown {
  return parse(readFileSync(join(DEPLOY_DIRECTORY, path), 'utf8'));
}

/** Changing the first of several would test something else than what is deployed. */
function only<Item>(items: readonly Item[]): Item {
  const [item, ...others] = items;
  if (item === undefined || others.length > 0)
    throw new Error(`expected one entry in deploy/, found ${items.length}`);
  return item;
}

/** Readable for us alone: one of the files is a token. */
function writeText(directory: string, name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}
