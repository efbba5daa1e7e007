export { ALL_SIGNALS } from './signals/all-signals.ts';
export { EVERYWHERE, type PanelUnit, type Signal, type SignalScope } from './signals/signal.ts';
export { prometheusLabel, prometheusName } from './prometheus-names.ts';
export { RUNBOOK_BASE_URL, type FloorAnnotations } from './alerts/floor-annotations.ts';
export {
  floorRuleExpr,
  floorRuleGroups,
  portableFloorRuleGroups,
  prometheusDuration,
  type AlertRule,
  type RuleGroup,
  type RuleOptions,
} from './alerts/nodejs-heap-floor-high.ts';
export { CONTACT_POINT, DASHBOARD_UID, DATASOURCE_UID, FLOOR_RECOVERY_RATIO } from './alerts/grafana-rule.ts';
export {
  ALERTMANAGER_HOOK_PATH,
  GRAFANA_HOOK_PATH,
  GRAFANA_SIGNATURE_HEADER,
  GRAFANA_TIMESTAMP_HEADER,
} from './alerts/receiver-webhook.ts';
export { floorDashboard, type Dashboard } from './boards/heapfloor-floor.ts';
export { formatRuleFile } from './rule-file.ts';
export { labelFingerprint } from './label-fingerprint.ts';
