import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveOldSpaceLimit, type LimitFacts, type LimitSource } from './derive-limit.ts';
import { parseHeapFlags, type HeapFlags } from './heap-flags.ts';

const MIB = 1024 * 1024;
/** `constrainedMemory()` of a process without a cgroup limit. */
const UNCONSTRAINED = 2 ** 64;

interface Case {
  readonly node?: 22 | 24 | 26;
  /** Sets of flags, the likeliest first. */
  readonly flags?: string | readonly [string, ...string[]];
  readonly totalBytes?: number;
  /** Memory of the container; without it the host has 24,106 MiB. */
  readonly containerMib?: number;
  readonly heapSizeLimitMib: number;
  readonly worker?: readonly [oldMib: number, youngMib: number];
}

function toFacts(given: Case): LimitFacts {
  const { node = 24, flags = '', totalBytes, containerMib, heapSizeLimitMib, worker } = given;
  const [first, ...others] = typeof flags === 'string' ? ([flags] as const) : flags;
  return {
    flagSets: [parseFlags(first), ...others.map(parseFlags)],
    nodeMajor: node,
    totalMemoryBytes: totalBytes ?? 24_106 * MIB,
    constrainedMemoryBytes: containerMib === undefined ? UNCONSTRAINED : containerMib * MIB,
    heapSizeLimitBytes: heapSizeLimitMib * MIB,
    worker:
      worker === undefined
        ? null
        : { maxOldGenerationSizeMb: worker[0], maxYoungGenerationSizeMb: worker[1] },
  };
}

function parseFlags(text: string): HeapFlags {
  return parseHeapFlags(text.split(' '), '');
}

function derive(given: Case): [mib: number, source: LimitSource] {
  const { bytes, source } = deriveOldSpaceLimit(toFacts(given));
  return [bytes / MIB, source];
}

describe('deriveOldSpaceLimit without a flag', () => {
  it.each([
    [22, undefined, 4096 + 48, 4096],
    [24, undefined, 4096 + 192, 4096],
    [26, undefined, 4096 + 96, 4096],
    [22, 256, 256 + 3, 256],
    [24, 256, 256 + 3, 256],
    [26, 256, 256 + 6, 256],
    [22, 512, 256 + 3, 256],
    [24, 512, 256 + 3, 256],
    [26, 512, 256 + 12, 256],
    [22, 1024, 512 + 12, 512],
    [24, 1024, 512 + 48, 512],
    [26, 1024, 512 + 24, 512],
    [22, 2048, 1024 + 24, 1024],
    [24, 2048, 1024 + 96, 1024],
    [26, 2048, 1024 + 48, 1024],
    [22, 8192, 2048 + 48, 2048],
    [24, 8192, 2048 + 192, 2048],
    [26, 15 * 1024, 4096 + 96, 4096],
    [26, 100, 256 + 6, 256],
    // V8 rounds half of the memory up to its own pages, of a quarter MiB.
    [24, 600.1, 300.25 + 48, 300.25],
  ] as const)(
    'on Node %i with %s MiB and heap_size_limit %i is %i',
    (node, containerMib, heapSizeLimitMib, old) => {
      const container = containerMib === undefined ? {} : { containerMib };
      expect(derive({ node, ...container, heapSizeLimitMib })).toEqual([old, 'default']);
    },
  );

  it.each([
    ['--max-semi-space-size=5', 3 * 8],
    ['--max-semi-space-size=100', 3 * 128],
    ['--lite-mode', 3],
    ['--optimize-for-size --max-semi-space-size=8', 3],
    ['--minor-ms', 2 * 144],
    ['--minor-ms --max-semi-space-size=5', 2 * 5],
  ])('takes the young generation of %s for what it is', (flags, youngMib) => {
    expect(derive({ flags, heapSizeLimitMib: 4096 + youngMib })).toEqual([4096, 'default']);
  });

  it.each([0, 99_999, 2 ** 44])(
    'takes a container of %i MiB on a smaller machine for none',
    (containerMib) => {
      expect(derive({ containerMib, heapSizeLimitMib: 4288 })).toEqual([4096, 'default']);
    },
  );

  it.each([0, Number.NaN, -1])('takes a machine whose memory is %i for a large one', (totalBytes) => {
    expect(derive({ totalBytes, heapSizeLimitMib: 4288 })).toEqual([4096, 'default']);
    expect(derive({ totalBytes, containerMib: 1024, heapSizeLimitMib: 560 })).toEqual([512, 'default']);
  });
});

describe('deriveOldSpaceLimit with a flag', () => {
  it('is the old-space flag, exactly, also beside --max-heap-size', () => {
    const flags = '--max-old-space-size=90 --max-heap-size=300';
    // The rest of 210 makes a semi-space of 70, so of 128.
    expect(derive({ node: 26, flags, heapSizeLimitMib: 90 + 3 * 128 })).toEqual([90, 'flag']);
  });

  it('is the truncated percentage of the memory, which beats the old-space flag', () => {
    const flags = '--max-old-space-size=90 --max-old-space-size-percentage=1';
    expect(derive({ node: 22, flags, heapSizeLimitMib: 241 + 48 })).toEqual([241, 'percentage']);
  });

  it('takes the percentage of whole MiB', () => {
    const flags = '--max-old-space-size-percentage=99';
    // 99 % of 99.9 MiB would be 98.9, of 99 MiB it is 98.01.
    expect(derive({ flags, containerMib: 99.9, heapSizeLimitMib: 98 + 3 })).toEqual([98, 'percentage']);
  });

  it('takes the percentage of the container, even of one that is larger than the machine', () => {
    const flags = '--max-old-space-size-percentage=50';
    const half = derive({ node: 26, flags, containerMib: 1000, heapSizeLimitMib: 500 + 24 });
    expect(half).toEqual([500, 'percentage']);
    const most = derive({ flags, containerMib: 100_000, heapSizeLimitMib: 50_000 + 192 });
    expect(most).toEqual([50_000, 'percentage']);
  });

  it('takes a percentage of less than a MiB for no limit at all, as V8 does', () => {
    const flags = '--max-old-space-size=90 --max-old-space-size-percentage=0.001';
    expect(derive({ flags, heapSizeLimitMib: 4288 })).toEqual([4096, 'default']);
  });

  // V8's own `initial_limit`, read from real processes.
  it.each([
    [22, '--max-heap-size=512', 500],
    [24, '--max-heap-size=512', 464],
    [26, '--max-heap-size=512', 464],
    [22, '--max-heap-size=300', 288],
    [24, '--max-heap-size=300', 252],
    [26, '--max-heap-size=300', 252],
    [26, '--max-heap-size=256', 232],
    [22, '--max-heap-size=300 --max-semi-space-size=4', 288],
    [24, '--max-heap-size=300 --max-semi-space-size=16', 252],
    [26, '--max-heap-size=300 --lite-mode', 297],
    [22, '--max-heap-size=200 --minor-ms', 196.5],
    [24, '--max-heap-size=545 --minor-ms', 257],
    [26, '--max-heap-size=257 --minor-ms', 128],
  ] as const)('on Node %i with %s is %i', (node, flags, old) => {
    const heapSizeLimitMib = Number(/heap-size=(\d+)/.exec(flags)?.[1]);
    expect(derive({ node, flags, heapSizeLimitMib })).toEqual([old, 'heap_flag']);
  });
});

describe('deriveOldSpaceLimit in a worker', () => {
  it('is resourceLimits where no flag is set', () => {
    const worker = [64, 24] as const;
    expect(derive({ node: 22, worker, heapSizeLimitMib: 64 + 24 })).toEqual([64, 'worker_resource_limits']);
  });

  it('rounds resourceLimits as V8 does', () => {
    const worker = [60.3, 7] as const;
    expect(derive({ worker, heapSizeLimitMib: 60.25 + 3 * 4 })).toEqual([60.25, 'worker_resource_limits']);
  });

  it('is the flag of the process, which resourceLimits do not beat', () => {
    const flags = '--max-old-space-size=512';
    expect(derive({ node: 22, flags, worker: [64, 24], heapSizeLimitMib: 536 })).toEqual([512, 'flag']);
  });

  it('believes what explains the numbers, not what comes first', () => {
    const flags = ['--max-old-space-size=500', '', '--max-semi-space-size=2'] as const;
    const worker = [64, 24] as const;
    expect(derive({ flags, worker, heapSizeLimitMib: 64 + 6 })).toEqual([64, 'worker_resource_limits']);
  });
});

describe('deriveOldSpaceLimit where nothing explains the numbers', () => {
  it('finds an old-space flag that is hidden', () => {
    expect(derive({ heapSizeLimitMib: 300 + 192 })).toEqual([300, 'derived']);
    expect(derive({ worker: [60, 48], heapSizeLimitMib: 120 + 48 })).toEqual([120, 'derived']);
  });

  it('does not believe a NODE_OPTIONS that the app has changed', () => {
    const flags = ['--max-old-space-size=512', ''] as const;
    expect(derive({ flags, heapSizeLimitMib: 4288 })).toEqual([4096, 'default']);
  });

  it('believes a worker’s wish where a hidden semi-space may be the reason', () => {
    expect(derive({ worker: [60, 9], heapSizeLimitMib: 60 + 3 * 8 })).toEqual([60, 'derived']);
  });

  it('keeps to a visible flag where V8 has a young generation of a size that we do not know', () => {
    const flags = '--max-old-space-size=90';
    expect(derive({ flags, heapSizeLimitMib: 90 + 3 * 2 })).toEqual([90, 'flag']);
  });

  it('keeps to a visible flag where heap_size_limit has been raised', () => {
    const flags = '--max-old-space-size=90';
    expect(derive({ flags, heapSizeLimitMib: 90 + 5 * 64 })).toEqual([90, 'derived']);
  });

  it('is not above heap_size_limit, whatever a flag says', () => {
    const flags = '--max-old-space-size=9000';
    expect(derive({ flags, heapSizeLimitMib: 300 + 192 })).toEqual([300, 'derived']);
    expect(derive({ heapSizeLimitMib: 100 })).toEqual([100, 'derived']);
  });

  it('falls back to what the flags promise where V8 does not say heap_size_limit', () => {
    const flags = '--max-old-space-size=90';
    expect(derive({ flags, heapSizeLimitMib: 0 })).toEqual([90, 'derived']);
  });
});

const node = fc.constantFrom(22, 24, 26);
const mib = fc.integer({ min: 8, max: 200_000 });

describe('deriveOldSpaceLimit with any numbers', () => {
  it('finds any old-space flag beside any semi-space', () => {
    fc.assert(
      fc.property(node, mib, fc.integer({ min: 0, max: 8 }), (major, old, exponent) => {
        const flags = `--max-old-space-size=${old} --max-semi-space-size=${2 ** exponent}`;
        const heapSizeLimitMib = old + 3 * 2 ** exponent;
        expect(derive({ node: major, flags, heapSizeLimitMib })).toEqual([old, 'flag']);
      }),
    );
  });

  it('leaves the old generation of --max-heap-size what its young one does not take', () => {
    fc.assert(
      fc.property(node, fc.integer({ min: 16, max: 9000 }), (major, heapSizeLimitMib) => {
        const flags = `--max-heap-size=${heapSizeLimitMib}`;
        const [old, source] = derive({ node: major, flags, heapSizeLimitMib });
        const semi = (heapSizeLimitMib - old) / 3;
        expect([source, Number.isInteger(Math.log2(semi)), semi <= 64]).toEqual(['heap_flag', true, true]);
      }),
    );
  });

  const anyFlags = fc
    .subarray(['old-space-size', 'heap-size', 'semi-space-size', 'old-space-size-percentage'])
    .chain((names) => fc.tuple(...names.map((name) => mib.map((size) => `--max-${name}=${size}`))))
    .chain((sized) =>
      fc.subarray(['--minor-ms', '--lite-mode']).map((modes) => [...sized, ...modes].join(' ')),
    );
  const anyCase = fc.record({
    node,
    flags: fc.tuple(anyFlags, anyFlags),
    containerMib: fc.oneof(fc.constant(0), mib),
    totalBytes: fc.oneof(fc.constant(0), fc.maxSafeInteger()),
    heapSizeLimitMib: fc.oneof(mib, fc.double({ min: 1, max: 2 ** 30, noNaN: true })),
    worker: fc.tuple(
      fc.double({ min: -1, max: 1e6, noNaN: true }),
      fc.double({ min: -1, max: 1e6, noNaN: true }),
    ),
  });

  it('is always above 0, never above heap_size_limit, and names a source only where it leaves room for the young', () => {
    fc.assert(
      fc.property(anyCase, fc.boolean(), ({ worker, ...given }, isWorker) => {
        const facts = toFacts(isWorker ? { ...given, worker } : given);
        const { bytes, source } = deriveOldSpaceLimit(facts);
        expect(bytes).toBeGreaterThan(0);
        expect(bytes).toBeLessThanOrEqual(facts.heapSizeLimitBytes);
        const restBytes = facts.heapSizeLimitBytes - bytes;
        expect(source === 'derived' || restBytes >= MIB).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
