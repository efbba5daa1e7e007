import {
  ALL_METRICS,
  METRIC_DETAILS,
  type MetricDeclaration,
  type MetricSet,
} from '@heapfloor/contract/metrics';
import { prometheusName } from './prometheus-names.ts';

/** The table of metrics in the README of `instrumentation`: from the declarations that its code uses. */
export function formatMetricsTable(): string {
  return [HEAD, HEAD.replaceAll(/[^|]+/g, '---'), ...ALL_METRICS.map(formatRow)].join('\n');
}

const HEAD =
  '| metric | in Prometheus | kind, unit | attributes | exported | meaning | how measured | cost |';

function formatRow(metric: MetricDeclaration): string {
  const { name, instrument, unit, attributes, description, measured, cost } = metric;
  const cells = [
    `\`${name}\``,
    `\`${formatPrometheusName(metric)}\``,
    `${instrument}, \`${unit}\``,
    attributes.map((attribute) => `\`${attribute}\``).join(', ') || '–',
    formatSets([metric.set].flat()),
    description,
    measured,
    cost,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** A histogram is three names. */
function formatPrometheusName(metric: MetricDeclaration): string {
  return metric.instrument === 'histogram'
    ? `${prometheusName(metric)}_{bucket,sum,count}`
    : prometheusName(metric);
}

function formatSets(sets: readonly MetricSet[]): string {
  const details: readonly string[] = METRIC_DETAILS;
  const texts = sets.map((set) => {
    if (set === 'always') return set;
    if (set === 'control') return 'with control';
    if (set === 'register') return 'register mode';
    return details.includes(set) ? `detail \`${set}\`` : `family \`${set}\``;
  });
  return texts.join(', ');
}
