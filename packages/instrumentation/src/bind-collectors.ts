import {
  ValueType,
  type Attributes,
  type BatchObservableCallback,
  type Histogram,
  type Meter,
  type MetricOptions,
  type Observable,
} from '@opentelemetry/api';
import { ALL_METRICS, type MetricDeclaration } from '@heapfloor/contract/metrics';
import type { Collector, Observe, RecordValue } from './collectors/collector.ts';
import { quietly } from './quietly.ts';

/**
 * Creates the instruments of the collectors, one callback for all that is observed, so that a collection costs a few
 * µs, and connects what records histograms.
 * @param attributes - added to every point.
 * @returns removes the callback and the connections again.
 */
export function bindCollectors(
  meter: Meter,
  collectors: readonly Collector[],
  attributes: Attributes = {},
): () => void {
  const names = new Set(collectors.flatMap((collector) => collector.metricNames));
  const declared = ALL_METRICS.filter(({ name }) => names.has(name));
  const withAttributes = createAttributeMerge(attributes);
  const unobserve = bindObservables(
    meter,
    declared.filter(({ instrument }) => instrument !== 'histogram'),
    { collectors, withAttributes },
  );
  const record = createRecord(
    meter,
    declared.filter(({ instrument }) => instrument === 'histogram'),
    withAttributes,
  );
  for (const collector of collectors) collector.connect?.(record);
  return () => {
    unobserve();
    for (const collector of collectors) collector.connect?.(null);
  };
}

type AttributeMerge = (own?: Attributes) => Attributes | undefined;

/** Collectors hand over the same objects each time, so that each is merged once. */
function createAttributeMerge(common: Attributes): AttributeMerge {
  if (Object.keys(common).length === 0) return (own) => own;
  const merged = new WeakMap<Attributes, Attributes>();
  return (own) => {
    if (own === undefined) return common;
    const known = merged.get(own);
    if (known !== undefined) return known;
    const both = { ...own, ...common };
    merged.set(own, both);
    return both;
  };
}

function bindObservables(
  meter: Meter,
  declarations: readonly MetricDeclaration[],
  {
    collectors,
    withAttributes,
  }: { readonly collectors: readonly Collector[]; readonly withAttributes: AttributeMerge },
): () => void {
  const instruments = new Map(declarations.map((one) => [one.name, createObservable(meter, one)]));
  const callback: BatchObservableCallback = (result) => {
    const observe: Observe = (name, value, own) => {
      const instrument = instruments.get(name);
      if (instrument !== undefined && Number.isFinite(value)) {
        result.observe(instrument, value, withAttributes(own));
      }
    };
    for (const collector of collectors) {
      // One subject that cannot be read must not cost the others.
      quietly('a collector', () => collector.observe(observe));
    }
  };
  const observables = [...instruments.values()];
  meter.addBatchObservableCallback(callback, observables);
  return () => meter.removeBatchObservableCallback(callback, observables);
}

function createRecord(
  meter: Meter,
  declarations: readonly MetricDeclaration[],
  withAttributes: AttributeMerge,
): RecordValue {
  const histograms = new Map(declarations.map((one) => [one.name, createHistogram(meter, one)]));
  return (name, value, own) => {
    if (Number.isFinite(value)) histograms.get(name)?.record(value, withAttributes(own));
  };
}

function createHistogram(meter: Meter, declaration: MetricDeclaration): Histogram {
  const explicitBucketBoundaries = [...(declaration.boundaries ?? [])];
  return meter.createHistogram(declaration.name, {
    ...optionsOf(declaration),
    advice: { explicitBucketBoundaries },
  });
}

function createObservable(meter: Meter, declaration: MetricDeclaration): Observable {
  const { name, instrument } = declaration;
  const options = optionsOf(declaration);
  // Observable also where a value never changes: a value recorded once is gone after one export of deltas.
  if (instrument === 'counter') return meter.createObservableCounter(name, options);
  if (instrument === 'updowncounter') return meter.createObservableUpDownCounter(name, options);
  return meter.createObservableGauge(name, options);
}

function optionsOf({ unit, description }: MetricDeclaration): MetricOptions {
  const isWhole = unit === 'By' || unit.startsWith('{');
  return { unit, description, valueType: isWhole ? ValueType.INT : ValueType.DOUBLE };
}
