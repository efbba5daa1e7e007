/** Where the generated configurations expect the receiver; its own default address. */
export const RECEIVER_BASE_URL = 'http://localhost:9464';

export const ALERTMANAGER_HOOK_PATH = '/hooks/alertmanager';
export const GRAFANA_HOOK_PATH = '/hooks/grafana';

/** Grafana's own default (grafana/alerting `receivers/webhook/v1`). */
export const GRAFANA_SIGNATURE_HEADER = 'X-Grafana-Alerting-Signature';
/** Grafana has no default; without this header the time is not signed and a recorded request could be replayed. */
export const GRAFANA_TIMESTAMP_HEADER = 'X-Grafana-Alerting-Timestamp';

/** Labels that make one notification: one instance each, so that one crowded service does not delay the others. */
export const GROUP_BY = ['alertname', 'job', 'instance'] as const;

/** Alertmanager's and Grafana's defaults, 30 s and 5 min, are longer than a fast leak lives. */
export const GROUP_WAIT = '0s';
export const GROUP_INTERVAL = '1m';
