import { DEFAULT_EXPORT_INTERVAL_SECONDS } from '@heapfloor/contract/rule';
import { DATASOURCE_UID } from '../alerts/grafana-rule.ts';
import { formatYaml } from '../rule-file.ts';

/** Sample data source: the uid that the alert rule reads, and the interval that `$__rate_interval` is made of. */
export function formatGrafanaDatasource(): string {
  const jsonData = { httpMethod: 'POST', timeInterval: `${DEFAULT_EXPORT_INTERVAL_SECONDS}s` };
  const datasource = {
    name: 'Heapfloor Prometheus',
    uid: DATASOURCE_UID,
    type: 'prometheus',
    access: 'proxy',
    url: 'http://localhost:9090',
    jsonData,
  };
  return formatYaml(
    { apiVersion: 1, datasources: [datasource] },
    'To provisioning/datasources/. timeInterval is the export interval of the apps: with a shorter one rates are empty.',
  );
}

/** Sample provider: reads every dashboard of a folder. */
export function formatGrafanaDashboardProvider(): string {
  const provider = {
    name: 'heapfloor',
    orgId: 1,
    folder: 'Heapfloor',
    type: 'file',
    allowUiUpdates: false,
    options: { path: '/var/lib/grafana/dashboards/heapfloor' },
  };
  return formatYaml(
    { apiVersion: 1, providers: [provider] },
    'To provisioning/dashboards/. The dashboards themselves (grafana/dashboards/) go to the folder named in path.',
  );
}
