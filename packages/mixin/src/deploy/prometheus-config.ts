import { DEFAULT_EXPORT_INTERVAL_SECONDS } from '@heapfloor/contract/rule';
import { GENERATED_BY } from '../rule-file.ts';
import { RULE_FILE } from './rule-files.ts';

/**
 * Resource attributes that become labels of every series and so of the alert: they find the pod. What is not here is
 * only in `target_info`, and a join with that fails for 5 min whenever one of its attributes changes.
 */
const PROMOTED_ATTRIBUTES = [
  'service.version',
  'deployment.environment.name',
  'k8s.cluster.name',
  'k8s.namespace.name',
  'k8s.pod.name',
  'k8s.container.name',
];

export function formatPrometheusConfig(): string {
  return `# ${GENERATED_BY}
#
#   prometheus --config.file=prometheus.yml --web.enable-otlp-receiver
#
# Apps or the Collector push to http://HOST:9090/api/v1/otlp/v1/metrics. Needs Prometheus 3.0 or newer.
global:
  # Export interval of the apps; the rule file must be the one of the same interval.
  scrape_interval: ${DEFAULT_EXPORT_INTERVAL_SECONDS}s
  evaluation_interval: ${DEFAULT_EXPORT_INTERVAL_SECONDS}s

otlp:
  # The names in the rules and dashboards are those of this strategy, the default.
  translation_strategy: UnderscoreEscapingWithSuffixes
  # service.namespace/service.name becomes job, service.instance.id becomes instance; these become labels too.
  promote_resource_attributes:
${PROMOTED_ATTRIBUTES.map((name) => `    - ${name}`).join('\n')}

storage:
  tsdb:
    # A late or repeated push is answered with 400 and lost without this.
    out_of_order_time_window: 30m

rule_files:
  - ${RULE_FILE}

alerting:
  alertmanagers:
    - api_version: v2
      static_configs:
        - targets: [localhost:9093]
`;
}
