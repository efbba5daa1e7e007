import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

export interface WorkloadContext {
  readonly limitBytes: number;
  /** When to end, on the clock of `Date.now()`. */
  readonly endMs: number;
}

type Workload = (context: WorkloadContext) => Promise<void>;

/** A thousand doubles. */
const ARRAY_BYTES = 8016;

export const WORKLOADS: Readonly<Record<string, Workload>> = {
  server,
  sawtooth,
  'slow-leak': slowLeak,
  burst,
  'big-old': bigOld,
  'near-limit': nearLimit,
  blocked,
  idle,
};

/** Small requests with pauses between them, over a cache of 60 % of the limit. */
async function server({ limitBytes, endMs }: WorkloadContext): Promise<void> {
  const cache = arrays(0.6 * limitBytes);
  const recent: number[][] = [];
  for (let count = 0; Date.now() < endMs; count += 1) {
    churn(recent, 20, 1000);
    cache[count % cache.length] = recent[0] ?? [];
    await delay(1);
  }
}

/** Collects up to 75 % of the limit and drops it all, again and again. */
async function sawtooth({ limitBytes, endMs }: WorkloadContext): Promise<void> {
  let batch: number[][] = [];
  while (Date.now() < endMs) {
    batch.push(...arrays(0.01 * limitBytes));
    if (batch.length * ARRAY_BYTES > 0.75 * limitBytes) batch = [];
    await delay(5);
  }
}

/** From nothing to 85 % of the limit, in small steps, with garbage beside it. */
async function slowLeak({ limitBytes, endMs }: WorkloadContext): Promise<void> {
  const kept: number[][] = [];
  const recent: number[][] = [];
  const beganMs = Date.now();
  while (Date.now() < endMs) {
    const share = (0.85 * (Date.now() - beganMs)) / (endMs - beganMs);
    kept.push(...arrays(share * limitBytes - kept.length * ARRAY_BYTES));
    churn(recent, 30, 600);
    await delay(5);
  }
}

/** From 15 % to 75 % of the limit within one turn of the loop, and back; quiet in between. */
async function burst({ limitBytes, endMs }: WorkloadContext): Promise<void> {
  const cache = arrays(0.15 * limitBytes);
  const recent: number[][] = [];
  while (Date.now() < endMs) {
    const kept: number[][] = [];
    while (kept.length * ARRAY_BYTES < 0.6 * limitBytes) {
      kept.push(...arrays(0.005 * limitBytes));
      churn(recent, 20, 300);
    }
    await delay(200);
    kept.length = 0;
    churn(recent, 200, 300);
    await delay(800);
  }
  cache.length = 0;
}

/** An old generation of more than 1 GiB, of many small objects, that is partly replaced all the time. */
async function bigOld({ limitBytes, endMs }: WorkloadContext): Promise<void> {
  const slots: object[] = [];
  const count = (0.6 * limitBytes) / 200;
  for (let index = 0; index < count; index += 1) {
    slots.push(smallObject(index));
    if (index % 100_000 === 0) await delay(1);
  }
  for (let index = 0; Date.now() < endMs; index += 1) {
    slots[Math.floor(Math.random() * slots.length)] = smallObject(index);
    if (index % 20_000 === 0) await delay(1);
  }
}

/** About 200 bytes. */
function smallObject(index: number): object {
  return { index, name: `object ${index}`, values: [index, index + 0.5, index + 1, index + 1.5], next: null };
}

/** Up to 88 % of the limit is in use, so that V8 collects again and again; more, and it gives up. */
async function nearLimit({ limitBytes, endMs }: WorkloadContext): Promise<void> {
  const cache = arrays(0.83 * limitBytes);
  const recent: number[][] = [];
  while (Date.now() < endMs) {
    for (let count = 0; count < 10; count += 1) churn(recent, 8, 0.05 * (limitBytes / ARRAY_BYTES));
    cache[0] = recent[0] ?? [];
    await delay(4);
  }
}

/** Work of 1.5 s in one turn, with several major GCs in it, over a cache of 55 % of the limit; once of 6 s. */
async function blocked({ limitBytes, endMs }: WorkloadContext): Promise<void> {
  const cache = arrays(0.55 * limitBytes);
  const recent: number[][] = [];
  let rounds = 120;
  while (Date.now() < endMs) {
    for (let round = 0; round < rounds; round += 1) {
      churn(recent, 100, 1500);
      const untilMs = performance.now() + 40;
      while (performance.now() < untilMs);
    }
    rounds = 30;
    cache[0] = recent[0] ?? [];
    await delay(50);
  }
}

/** A heap of 55 % of the limit, and next to nothing to do. */
async function idle({ limitBytes, endMs }: WorkloadContext): Promise<void> {
  const cache = arrays(0.55 * limitBytes);
  while (Date.now() < endMs) {
    cache[0] = arrays(ARRAY_BYTES * 100)[0] ?? [];
    await delay(250);
  }
}

/** Medium-lived garbage: survives some minor GCs, then dies. */
function churn(recent: number[][], count: number, kept: number): void {
  recent.push(...arrays(count * ARRAY_BYTES));
  recent.splice(0, Math.max(0, recent.length - kept));
}

function arrays(bytes: number): number[][] {
  const length = Math.max(0, Math.ceil(bytes / ARRAY_BYTES));
  return Array.from({ length }, () => Array.from({ length: 1000 }, (_, index) => index + 0.5));
}
