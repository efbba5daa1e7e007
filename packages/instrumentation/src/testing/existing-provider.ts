/** An app that has a MeterProvider already; says what it exports once our metrics are there. */
import { setTimeout as delay } from 'node:timers/promises';
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
  process.stdout.write(`names=${names.join()}\n`);
}
