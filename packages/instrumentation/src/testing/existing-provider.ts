/**
 * An app that has a MeterProvider already, in each of its threads; says what that exports once our metrics are there. A
 * worker says it in its name.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import { metrics } from '@opentelemetry/api';
import { createProvider } from './read-metrics.ts';

const { provider, readers } = createProvider();
metrics.setGlobalMeterProvider(provider);
void sayNames();

async function sayNames(): Promise<void> {
  let names: string[] = [];
  while (names.length === 0) {
    await delay(20);
    names = [...((await readers[0]?.read()) ?? new Map<string, never>()).keys()];
  }
  process.stdout.write(`${isMainThread ? 'names' : 'worker'}=${names.join()}\n`);
}
