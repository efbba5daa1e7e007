import type { PanelUnit, Signal, SignalScope } from '../signals/signal.ts';

/** What every query of a dashboard reads. */
export const DASHBOARD_SCOPE: SignalScope = {
  matchers: 'job=~"$job",instance=~"$instance"',
  rateWindow: '$__rate_interval',
};

export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;

export interface ThresholdStep {
  readonly color: string;
  /** Null is minus infinity, as Grafana writes it. */
  readonly value: number | null;
}

export interface PanelTarget {
  readonly refId: string;
  readonly datasource: typeof DATASOURCE;
  readonly editorMode: 'code';
  readonly expr: string;
  readonly legendFormat: string;
  readonly instant: boolean;
  readonly range: boolean;
  readonly format: 'time_series' | 'table';
}

export interface FieldDefaults {
  readonly unit: PanelUnit;
  readonly noValue: string;
  readonly color: { readonly mode: string };
  readonly min?: number;
  readonly max?: number;
  readonly thresholds: { readonly mode: 'absolute'; readonly steps: readonly ThresholdStep[] };
  readonly custom: Readonly<Record<string, unknown>>;
}

export interface FieldOverride {
  readonly matcher: { readonly id: string; readonly options: string };
  readonly properties: readonly { readonly id: string; readonly value: unknown }[];
}

/** A panel without its place; the board gives it that. */
export interface Panel {
  readonly id: number;
  readonly type: 'timeseries' | 'table';
  readonly title: string;
  readonly description: string;
  readonly datasource: typeof DATASOURCE;
  readonly targets: readonly PanelTarget[];
  readonly fieldConfig: { readonly defaults: FieldDefaults; readonly overrides: readonly FieldOverride[] };
  readonly options: Readonly<Record<string, unknown>>;
  readonly transformations?: readonly { readonly id: string; readonly options: unknown }[];
}

/** A collapsible heading and the panels below it. */
export interface PanelRow {
  readonly id: number;
  readonly title: string;
  readonly panels: readonly { readonly panel: Panel; readonly width: number; readonly height: number }[];
}

export interface TimeSeriesOptions {
  readonly id: number;
  readonly title: string;
  /** What is seen and what it means; the signals' own descriptions are appended. */
  readonly about: string;
  readonly signals: readonly Signal[];
  readonly noValue: string;
  readonly max?: number;
  /** Drawn as lines; without them the panel has no good and bad. */
  readonly thresholds?: readonly ThresholdStep[];
}

const NO_THRESHOLDS: readonly ThresholdStep[] = [{ color: 'green', value: null }];

export function timeSeriesPanel(options: TimeSeriesOptions): Panel {
  const { id, title, about, signals, noValue, max, thresholds } = options;
  const own = signals.map((signal) => (signals.length === 1 ? '' : ` ${signal.name}: ${signal.description}`));
  return {
    id,
    type: 'timeseries',
    title,
    description: `${about}${own.join('')}`,
    datasource: DATASOURCE,
    targets: signals.map((signal, at) => target(signal, at, signals.length > 1)),
    fieldConfig: {
      defaults: {
        unit: signals[0]?.unit ?? 'short',
        noValue,
        color: { mode: 'palette-classic' },
        min: 0,
        ...(max === undefined ? {} : { max }),
        thresholds: { mode: 'absolute', steps: thresholds ?? NO_THRESHOLDS },
        custom: {
          lineWidth: 1,
          fillOpacity: 0,
          showPoints: 'never',
          spanNulls: false,
          thresholdsStyle: { mode: thresholds === undefined ? 'off' : 'line' },
        },
      },
      overrides: [],
    },
    options: {
      legend: { showLegend: true, displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  };
}

function target(signal: Signal, at: number, isOneOfMany: boolean): PanelTarget {
  return {
    refId: String.fromCodePoint('A'.codePointAt(0)! + at),
    datasource: DATASOURCE,
    editorMode: 'code',
    expr: signal.promql(DASHBOARD_SCOPE),
    legendFormat: isOneOfMany ? `${signal.name} ${signal.legend}` : signal.legend,
    instant: false,
    range: true,
    format: 'time_series',
  };
}
