import {
  ValueType,
  type BatchObservableCallback,
  type Meter,
  type MetricOptions,
  type Observable,
} from '@opentelemetry/api';
import { ALL_METRICS, type MetricDeclaration } from '@heapfloor/contract/metrics';
import type { Collector, Observe } from './collectors/collector.ts';
import { quietly } from './quietly.ts';

/**
 * Creates the instruments of the collectors and one callback for them all, so that a collection costs a few µs.
 * @returns removes the callback again.
 */
export function bindCollectors(meter: Meter, collectors: readonly Collector[]): () => void {
  const names = new Set(collectors.flatMap((collector) => collector.metricNames));
  const instruments = new Map(
    ALL_METRICS.filter(({ name }) => names.has(name)).map((declaration) => [
      declaration.name,
      createInstrument(meter, declaration),
    ]),
  );
  const callback: BatchObservableCallback = (result) => {
    const observe: Observe = (name, value, attributes) => {
      const instrument = instruments.get(name);
      if (instrument !== undefined) result.observe(instrument, value, attributes);
    };
    for (const collector of collectors) {
      // One subject that cannot be read must not cost the others.
      quietly('a collector', () => collector.observe(observe));
    }
  };
  const observables = [...instruments.values()];
  meter.addBatchObservableCallback(callback, observables);
  return () => {
    meter.removeBatchObservableCallback(callback, observables);
  };
}

function createInstrument(meter: Meter, declaration: MetricDeclaration): Observable {
  const { name, instrument, unit, description } = declaration;
  const isWhole = unit === 'By' || unit.startsWith('{');
  const options: MetricOptions = {
    unit,
    description,
    valueType: isWhole ? ValueType.INT : ValueType.DOUBLE,
  };
  // Observable also where a value never changes: a value recorded once is gone after one export of deltas.
  if (instrument === 'counter') return meter.createObservableCounter(name, options);
  if (instrument === 'updowncounter') return meter.createObservableUpDownCounter(name, options);
  if (instrument === 'gauge') return meter.createObservableGauge(name, options);
  throw new TypeError(`${name}: no observable instrument is a ${instrument}`);
}
