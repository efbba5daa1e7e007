import {
  ALERT_NODEJS_HEAP_FLOOR_HIGH,
  DEFAULT_EXPORT_INTERVAL_SECONDS,
  FLOOR_THRESHOLD_RATIO,
} from '@heapfloor/contract/rule';
import { FLOOR_PANEL_IDS } from '../panels/panel-ids.ts';
import { FLOOR_UTILIZATION } from '../signals/floor.ts';
import { EVERYWHERE } from '../signals/signal.ts';
import { FLOOR_ALERT_SEVERITY, floorAnnotations } from './floor-annotations.ts';
import { floorRuleExpr } from './nodejs-heap-floor-high.ts';
import {
  GRAFANA_HOOK_PATH,
  GRAFANA_SIGNATURE_HEADER,
  GRAFANA_TIMESTAMP_HEADER,
  GROUP_BY,
  GROUP_INTERVAL,
  GROUP_WAIT,
  RECEIVER_BASE_URL,
} from './receiver-webhook.ts';

/** A firing alert ends below this ratio, not at the threshold: a floor that lies on the line does not flap. Unit: 1. */
export const FLOOR_RECOVERY_RATIO = 0.7;

/** Grafana-managed rules cannot use a datasource variable; the provisioned data source has this uid. */
export const DATASOURCE_UID = 'heapfloor-prometheus';
export const DASHBOARD_UID = 'heapfloor-floor';
export const CONTACT_POINT = 'heapfloor';

const FOLDER = 'Heapfloor';

/**
 * File provisioning (grafana `pkg/services/provisioning/alerting/rules_types.go`). Never a `policies:` block: it would
 * replace the user's whole notification tree; the rule names its contact point itself.
 */
export function grafanaRuleFile(): object {
  const interval = `${DEFAULT_EXPORT_INTERVAL_SECONDS}s`;
  return {
    apiVersion: 1,
    groups: [{ orgId: 1, name: 'heapfloor', folder: FOLDER, interval, rules: [grafanaRule()] }],
  };
}

/** The receiver as a contact point. Older releases than 12.0 know no HMAC. */
export function grafanaContactPointFile(): object {
  const settings = {
    url: `${RECEIVER_BASE_URL}${GRAFANA_HOOK_PATH}`,
    httpMethod: 'POST',
    hmacConfig: {
      secret: 'CHANGE-ME',
      header: GRAFANA_SIGNATURE_HEADER,
      timestampHeader: GRAFANA_TIMESTAMP_HEADER,
    },
  };
  const receiver = { uid: 'heapfloor-receiver', type: 'webhook', disableResolveMessage: false, settings };
  return { apiVersion: 1, contactPoints: [{ orgId: 1, name: CONTACT_POINT, receivers: [receiver] }] };
}

/**
 * The utilization of every instance, so that a healthy fleet is data and not NoData. One above the threshold for which
 * the rule is not met yet is shown as the threshold, which the expression does not count as above it.
 */
export function grafanaRatioExpr(): string {
  const met = floorRuleExpr({ intervalSeconds: DEFAULT_EXPORT_INTERVAL_SECONDS });
  const utilization = FLOOR_UTILIZATION.promql(EVERYWHERE);
  // `1 *` drops the metric's name, as clamp_max does: with it on one side only an instance would change its identity.
  return `1 * (\n${met}\n)\nor clamp_max(${utilization}, ${FLOOR_THRESHOLD_RATIO})`;
}

function grafanaRule(): object {
  return {
    uid: 'heapfloor-floor-high',
    title: ALERT_NODEJS_HEAP_FLOOR_HIGH,
    condition: 'C',
    data: [ratioQuery(), thresholdExpression()],
    dashboardUid: DASHBOARD_UID,
    panelId: FLOOR_PANEL_IDS.utilization,
    for: '0s',
    noDataState: 'OK',
    execErrState: 'KeepLast',
    missing_series_evals_to_resolve: 2,
    labels: { severity: FLOOR_ALERT_SEVERITY },
    annotations: floorAnnotations({
      job: '{{ .Labels.job }}',
      instance: '{{ .Labels.instance }}',
      // `.Value` is a text of all values here; the ratio is the value of query A.
      floorPercentage: '{{ .Values.A.Value | humanizePercentage }}',
      floorRatio: '{{ printf "%.4f" .Values.A.Value }}',
    }),
    notification_settings: {
      receiver: CONTACT_POINT,
      group_by: ['grafana_folder', ...GROUP_BY],
      group_wait: GROUP_WAIT,
      group_interval: GROUP_INTERVAL,
    },
  };
}

function ratioQuery(): object {
  return {
    refId: 'A',
    relativeTimeRange: { from: 600, to: 0 },
    datasourceUid: DATASOURCE_UID,
    model: { refId: 'A', expr: grafanaRatioExpr(), instant: true, range: false, editorMode: 'code' },
  };
}

function thresholdExpression(): object {
  return {
    refId: 'C',
    relativeTimeRange: { from: 0, to: 0 },
    datasourceUid: '__expr__',
    model: {
      refId: 'C',
      type: 'threshold',
      expression: 'A',
      conditions: [
        {
          evaluator: { type: 'gt', params: [FLOOR_THRESHOLD_RATIO] },
          unloadEvaluator: { type: 'lt', params: [FLOOR_RECOVERY_RATIO] },
        },
      ],
    },
  };
}
