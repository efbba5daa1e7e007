/**
 * A MeterProvider that keeps callbacks and drops values: what a collection costs beside it is the instrumentation's own.
 */
export function createSilentProvider() {
  const callbacks = new Set();
  const result = { observe() {} };
  const observable = () => ({
    addCallback: (callback) => callbacks.add(callback),
    removeCallback: (callback) => callbacks.delete(callback),
  });
  const meter = {
    createObservableGauge: observable,
    createObservableCounter: observable,
    createObservableUpDownCounter: observable,
    createGauge: instrument,
    createCounter: instrument,
    createUpDownCounter: instrument,
    createHistogram: instrument,
    addBatchObservableCallback: (callback) => callbacks.add(callback),
    removeBatchObservableCallback: (callback) => callbacks.delete(callback),
  };
  return {
    provider: { getMeter: () => meter },
    collect: () => {
      for (const callback of callbacks) void callback(result);
    },
  };
}

const instrument = () => ({ add() {}, record() {} });
