import { grafanaContactPointFile, grafanaRuleFile } from './alerts/grafana-rule.ts';
import { floorDashboard } from './boards/heapfloor-floor.ts';
import { formatAlertmanagerConfig } from './deploy/alertmanager-config.ts';
import { formatGrafanaDashboardProvider, formatGrafanaDatasource } from './deploy/grafana-provisioning.ts';
import { formatPrometheusConfig } from './deploy/prometheus-config.ts';
import { formatRuleFiles } from './deploy/rule-files.ts';
import { MarkerMissingError } from './errors.ts';
import { formatMetricsTable } from './metrics-table.ts';
import { formatYaml } from './rule-file.ts';
import { formatSignalsTable } from './signals/all-signals.ts';

export const README_PATH = 'packages/mixin/README.md';
export const METRICS_README_PATH = 'packages/instrumentation/README.md';

/**
 * Everything that is generated, by path below the repository's root.
 * @param readFile - the text of a README as it is; only its generated table is replaced.
 */
export function generatedFiles(readFile: (path: string) => string): Map<string, string> {
  const files = new Map<string, string>();
  for (const [name, text] of formatRuleFiles()) files.set(`deploy/prometheus/${name}`, text);
  files.set('deploy/prometheus/prometheus.yml', formatPrometheusConfig());
  files.set('deploy/alertmanager/alertmanager.yml', formatAlertmanagerConfig());
  files.set('grafana/alerting/heapfloor.yaml', formatYaml(grafanaRuleFile(), RULE_ABOUT));
  files.set(
    'grafana/alerting/contact-point.yaml',
    formatYaml(grafanaContactPointFile(), CONTACT_POINT_ABOUT),
  );
  files.set('grafana/dashboards/heapfloor-floor.json', `${JSON.stringify(floorDashboard(), null, 2)}\n`);
  files.set('grafana/provisioning/datasources/heapfloor.yaml', formatGrafanaDatasource());
  files.set('grafana/provisioning/dashboards/heapfloor.yaml', formatGrafanaDashboardProvider());
  files.set(README_PATH, replaceRegion(readFile(README_PATH), 'signals', formatSignalsTable()));
  files.set(
    METRICS_README_PATH,
    replaceRegion(readFile(METRICS_README_PATH), 'metrics', formatMetricsTable()),
  );
  return files;
}

const RULE_ABOUT =
  'To provisioning/alerting/, together with contact-point.yaml. Grafana 10 to 13; missing_series_evals_to_resolve\n' +
  'counts from 12.0 on. datasourceUid must be the uid of your own Prometheus data source.';

const CONTACT_POINT_ABOUT =
  'To provisioning/alerting/. Needs Grafana 12.0 or newer (HMAC). Put your own secret in place of CHANGE-ME, the same as\n' +
  "in the receiver's HEAPFLOOR_RECEIVER_GRAFANA_HMAC_SECRET_FILE. Not every release fills environment variables in here.";

/** Replaces what stands between two markers of a Markdown text. */
function replaceRegion(text: string, marker: string, content: string): string {
  const start = `<!-- ${marker}:start -->`;
  const end = `<!-- ${marker}:end -->`;
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new MarkerMissingError(marker);
  return `${text.slice(0, from + start.length)}\n${content}\n${text.slice(to)}`;
}
