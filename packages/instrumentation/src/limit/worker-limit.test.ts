import { afterAll, describe, expect, it } from 'vitest';
import { createLimitOracle } from '../testing/limit-oracle.ts';
import type { LimitSource } from './derive-limit.ts';

/** In a worker too, the judge is V8's own `initial_limit`: Node prints it there when the worker's heap is full. */
const oracle = createLimitOracle(2);
afterAll(() => oracle.remove());

const MIB = 1024 * 1024;
const TIMEOUT_MS = 120_000;

interface WorkerCase {
  readonly flags?: string;
  readonly nodeOptions?: string;
  readonly worker: object;
  readonly source: LimitSource;
}

function limits(maxOldGenerationSizeMb?: number, maxYoungGenerationSizeMb?: number): object {
  return { resourceLimits: { maxOldGenerationSizeMb, maxYoungGenerationSizeMb } };
}

const wish = 'worker_resource_limits';
const hidden = { execArgv: [] };
const cases: WorkerCase[] = [
  // The wish counts where no flag is set.
  { worker: limits(44), source: wish },
  { worker: limits(53, 5), source: wish },
  { worker: limits(61.3, 7), source: wish },
  { worker: limits(75, 0.6), source: wish },
  { worker: limits(39, 12.000001), source: wish },
  { worker: limits(58, 100), source: wish },
  { worker: { ...limits(47), ...hidden }, source: wish },
  // A flag of the process beats it, seen or hidden.
  { flags: '--max-old-space-size=97', worker: limits(41), source: 'flag' },
  { flags: '--max-old-space-size=97', worker: {}, source: 'flag' },
  { flags: '--max-old-space-size=52', worker: limits(113, 9), source: 'flag' },
  { flags: '--max-old-space-size=103', worker: { ...limits(41), ...hidden }, source: 'flag' },
  { flags: '--max-old-space-size=64', worker: { ...limits(64, 30), ...hidden }, source: 'flag' },
  { nodeOptions: '--max-old-space-size=66', worker: { ...limits(55), ...hidden, env: {} }, source: 'flag' },
  {
    flags: '--max-old-space-size-percentage=0.4',
    worker: { ...limits(33, 6), ...hidden },
    source: 'percentage',
  },
  { flags: '--max-heap-size=123', worker: limits(41), source: 'heap_flag' },
  { flags: '--max-heap-size=270', worker: { ...limits(41, 4), ...hidden }, source: 'heap_flag' },
  // A young generation of the process' size leaves the wish alone.
  { flags: '--max-semi-space-size=3', worker: limits(49), source: wish },
  { flags: '--max-semi-space-size=3', worker: { ...limits(57), ...hidden }, source: wish },
  { flags: '--max-semi-space-size=24', worker: { ...limits(38, 5), ...hidden }, source: wish },
  { flags: '--optimize-for-size', worker: { ...limits(46, 30), ...hidden }, source: wish },
  { flags: '--minor-ms', worker: { ...limits(51), ...hidden }, source: wish },
  { flags: '--minor-ms', worker: limits(63, 11), source: wish },
  { flags: '--minor-ms --max-old-space-size=71', worker: { ...limits(40, 11), ...hidden }, source: 'flag' },
  // What a worker is told in its own arguments or environment changes nothing in V8.
  { worker: { ...limits(43), execArgv: ['--max-old-space-size-percentage=1'] }, source: wish },
  { worker: { ...limits(59), env: { NODE_OPTIONS: '--max-old-space-size=33' } }, source: wish },
  {
    flags: '--max-old-space-size=98',
    worker: { ...limits(43), execArgv: ['--max-old-space-size-percentage=1'] },
    source: 'flag',
  },
  // The app changed NODE_OPTIONS for its children before it loaded us.
  { worker: { ...limits(56), nodeOptions: '--max-old-space-size=500' }, source: wish },
  {
    flags: '--max-old-space-size=91',
    worker: { ...limits(56), nodeOptions: '--max-semi-space-size=2' },
    source: 'flag',
  },
  // The main thread never loaded us: only the sum of the two generations is known.
  {
    flags: '--max-old-space-size=107',
    worker: { ...limits(41), ...hidden, isSilent: true },
    source: 'derived',
  },
  {
    flags: '--max-semi-space-size=6',
    worker: { ...limits(62, 9), ...hidden, isSilent: true },
    source: 'derived',
  },
  { flags: '--max-old-space-size=107', worker: { ...limits(41), isSilent: true }, source: 'flag' },
];

describe.concurrent('the limit of a worker is what V8 says', { timeout: TIMEOUT_MS }, () => {
  it.for(cases)('with %j', async ({ flags = '', nodeOptions = '', worker, source }) => {
    const { ours, v8Bytes } = await oracle.ask({
      flags: flags === '' ? [] : flags.split(' '),
      nodeOptions,
      worker,
    });
    expect(ours).toEqual({ bytes: v8Bytes, source });
  });

  it('but for --max-heap-size that nobody told it of: it is derived, and off by the young generation', async () => {
    const { ours, v8Bytes } = await oracle.ask({
      flags: ['--max-heap-size=260'],
      worker: { ...limits(41), ...hidden, isSilent: true },
    });
    expect(ours.source).toBe('derived');
    expect(Math.abs(v8Bytes - ours.bytes)).toBeLessThan(192 * MIB);
  });
});
