import { createNoopMeter, metrics, type MeterProvider } from '@opentelemetry/api';
import { METER_NAME } from '@heapfloor/contract/metrics';
import { realClock } from './collectors/real-clock.ts';
import { quietly } from './quietly.ts';

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 30_000;

/** The global MeterProvider, or null while there is only the API's own no-op. */
export function readGlobalMeterProvider(): MeterProvider | null {
  const provider = metrics.getMeterProvider();
  return provider.getMeter(METER_NAME) === createNoopMeter() ? null : provider;
}

/**
 * Calls back once a global MeterProvider is registered. A meter taken before is a no-op for good (opentelemetry-js
 * issue 3622), and `startNodeSdk()` never calls `setMeterProvider`.
 * @returns stops waiting.
 */
export function awaitGlobalMeterProvider(onProvider: (provider: MeterProvider) => void): () => void {
  let timer: NodeJS.Timeout | null = null;
  const look = (retryMs: number): void => {
    const provider = readGlobalMeterProvider();
    if (provider === null) waitFor(Math.min(retryMs * 2, LAST_RETRY_MS));
    else onProvider(provider);
  };
  const waitFor = (retryMs: number): void => {
    timer = realClock.setTimeout(() => quietly('finding a MeterProvider', () => look(retryMs)), retryMs);
    timer.unref();
  };
  waitFor(FIRST_RETRY_MS);
  return () => {
    if (timer !== null) realClock.clearTimeout(timer);
  };
}
