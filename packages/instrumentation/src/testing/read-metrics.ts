import {
  MeterProvider,
  MetricReader,
  type DataPoint,
  type Histogram,
  type InstrumentType,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import { bindCollectors } from '../bind-collectors.ts';
import type { Collector } from '../collectors/collector.ts';

/** A reader that is asked, like a Prometheus endpoint. */
export class PullReader extends MetricReader {
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}

  /** Everything that one collection brings, by metric name. */
  async read(): Promise<Map<string, MetricData>> {
    const { resourceMetrics } = await this.collect();
    const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return new Map(all.map((metric) => [metric.descriptor.name, metric]));
  }
}

/** Provider with as many readers as wanted. */
export function createProvider(readerCount = 1): { provider: MeterProvider; readers: PullReader[] } {
  const readers = Array.from({ length: readerCount }, () => new PullReader());
  return { provider: new MeterProvider({ readers }), readers };
}

/** Reads collectors through a real SDK, as any user would. */
export async function readCollectors(collectors: readonly Collector[]): Promise<Map<string, MetricData>> {
  const { provider, readers } = createProvider();
  bindCollectors(provider.getMeter('test'), collectors);
  const [reader = new PullReader()] = readers;
  return reader.read();
}

/** Value of a metric, or of the point that has the attribute's value. */
export function valueOf(metric: MetricData | undefined, attributeValue?: string): number | undefined {
  return pointOf(metric, attributeValue) as number | undefined;
}

/** The histogram of a metric, or of the point that has the attribute's value. */
export function histogramOf(metric: MetricData | undefined, attributeValue?: string): Histogram | undefined {
  return pointOf(metric, attributeValue) as Histogram | undefined;
}

function pointOf(metric: MetricData | undefined, attributeValue?: string): unknown {
  const points = (metric?.dataPoints ?? []) as readonly DataPoint<unknown>[];
  const found = points.find(
    ({ attributes }) => attributeValue === undefined || Object.values(attributes).includes(attributeValue),
  );
  return found?.value;
}

/** The values of an attribute that a metric has points of. */
export function attributeValuesOf(metric: MetricData | undefined): string[] {
  return (metric?.dataPoints ?? []).flatMap(({ attributes }) => Object.values(attributes).map(String));
}

/** The kind of an instrument in the contract's words. */
export function kindOf({ descriptor }: MetricData): string {
  const { type } = descriptor as MetricData['descriptor'] & { type: InstrumentType };
  return type.replace('OBSERVABLE_', '').replaceAll('_', '').toLowerCase();
}
