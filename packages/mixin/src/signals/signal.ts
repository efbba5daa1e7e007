import { ALL_METRICS, type MetricDeclaration } from '@heapfloor/contract/metrics';
import { MetricUnknownError } from '../errors.ts';
import { prometheusLabel, prometheusName } from '../prometheus-names.ts';

/** Grafana's id of a unit (`packages/grafana-data/src/valueFormats/categories.ts`). */
export type PanelUnit = 'bytes' | 'percentunit' | 's' | 'short' | 'ops';

/** Where a signal is read: which series, and over which range rates are taken. */
export interface SignalScope {
  /** Label matchers as they stand between the braces; empty for an alert rule, which watches everything. */
  readonly matchers: string;
  /** Range of a rate. Grafana's `$__rate_interval` covers at least four samples of the data source's interval. */
  readonly rateWindow: string;
}

/** One thing that can be looked at, declared once: panels, rules and docs read the same object. */
export interface Signal {
  readonly name: string;
  readonly unit: PanelUnit;
  readonly description: string;
  readonly metric: MetricDeclaration;
  /** Grafana's legend; the labels that tell series apart. */
  readonly legend: string;
  promql(scope: SignalScope): string;
}

/** Every series there is: what alert rules and the docs read. */
export const EVERYWHERE: SignalScope = { matchers: '', rateWindow: '5m' };

export interface SignalDeclaration {
  /** One of the contract's `METRIC_*`. */
  readonly metric: string;
  readonly name: string;
  readonly unit: PanelUnit;
  /** The contract's description unless the signal is something else than the metric itself. */
  readonly description?: string;
  /** Attributes that must have a value. */
  readonly where?: Readonly<Record<string, string>>;
  /** Attribute that splits the signal into several series of one isolate. */
  readonly splitBy?: string;
}

/** The metric's value as it was exported. */
export function valueSignal(declaration: SignalDeclaration): Signal {
  return signal(declaration, (selector) => selector);
}

/** A counter's increase per second. */
export function rateSignal(declaration: SignalDeclaration): Signal {
  return signal(declaration, (selector, rateWindow) => `rate(${selector}[${rateWindow}])`);
}

function signal(
  declaration: SignalDeclaration,
  read: (selector: string, rateWindow: string) => string,
): Signal {
  const metric = ALL_METRICS.find(({ name }) => name === declaration.metric);
  if (metric === undefined) throw new MetricUnknownError(declaration.metric);
  const own = Object.entries(declaration.where ?? {}).map(
    ([attribute, value]) => `${prometheusLabel(attribute)}="${value}"`,
  );
  const split = declaration.splitBy === undefined ? '' : ` {{${prometheusLabel(declaration.splitBy)}}}`;
  return {
    name: declaration.name,
    unit: declaration.unit,
    description: declaration.description ?? metric.description,
    metric,
    legend: `{{job}} {{instance}}${split}`,
    promql: ({ matchers, rateWindow }) => read(selector(prometheusName(metric), own, matchers), rateWindow),
  };
}

function selector(name: string, own: readonly string[], matchers: string): string {
  const all = [...own, ...(matchers === '' ? [] : [matchers])];
  return all.length === 0 ? name : `${name}{${all.join(',')}}`;
}
