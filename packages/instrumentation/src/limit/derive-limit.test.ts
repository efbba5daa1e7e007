import { describe, expect, it } from 'vitest';
import { deriveOldSpaceLimit, type LimitFacts } from './derive-limit.ts';
import { parseHeapFlags } from './heap-flags.ts';

const MIB = 1024 * 1024;
/** `constrainedMemory()` of a process without a cgroup limit. */
const UNCONSTRAINED = 2 ** 64;

interface Case {
  readonly node: 22 | 24 | 26;
  readonly flags?: string;
  /** Memory of the container; without it the host has 24,106 MiB. */
  readonly containerMib?: number;
  readonly heapSizeLimitMib: number;
  readonly worker?: [oldMib: number, youngMib: number];
}

function derive({ node, flags = '', containerMib, heapSizeLimitMib, worker }: Case) {
  const facts: LimitFacts = {
    flags: parseHeapFlags(flags.split(' '), ''),
    nodeMajor: node,
    totalMemoryBytes: 24_106 * MIB,
    constrainedMemoryBytes: containerMib === undefined ? UNCONSTRAINED : containerMib * MIB,
    heapSizeLimitBytes: heapSizeLimitMib * MIB,
    worker:
      worker === undefined
        ? null
        : { maxOldGenerationSizeMb: worker[0], maxYoungGenerationSizeMb: worker[1] },
  };
  const { bytes, source } = deriveOldSpaceLimit(facts);
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
  ] as const)(
    'on Node %i with %s MiB and heap_size_limit %i is %i',
    (node, containerMib, heapSizeLimitMib, old) => {
      const container = containerMib === undefined ? {} : { containerMib };
      expect(derive({ node, ...container, heapSizeLimitMib })).toEqual([old, 'default']);
    },
  );

  it('takes a semi-space flag into account, rounded up to a power of two', () => {
    const flags = '--max-semi-space-size=5';
    expect(derive({ node: 24, flags, heapSizeLimitMib: 4096 + 24 })).toEqual([4096, 'default']);
  });

  it('still finds a limit that was set where the flag cannot be seen', () => {
    expect(derive({ node: 24, heapSizeLimitMib: 300 + 192 })).toEqual([300, 'derived']);
  });

  it.each([
    ['--minor-ms', 4384],
    ['--lite-mode', 4099],
    ['--optimize-for-size', 4099],
  ])('with %s does not subtract a young generation of the usual size', (flags, heapSizeLimitMib) => {
    expect(derive({ node: 24, flags, heapSizeLimitMib })).toEqual([4096, 'derived']);
  });

  it('takes a cgroup limit above the physical memory for none', () => {
    expect(derive({ node: 24, containerMib: 99_999, heapSizeLimitMib: 4288 })).toEqual([4096, 'default']);
  });
});

describe('deriveOldSpaceLimit with a flag', () => {
  it('is the old-space flag, exactly, also beside --max-heap-size', () => {
    const flags = '--max-old-space-size=90 --max-heap-size=300';
    expect(derive({ node: 26, flags, heapSizeLimitMib: 300 })).toEqual([90, 'flag']);
  });

  it('is the truncated percentage of the memory, which beats the old-space flag', () => {
    const flags = '--max-old-space-size=90 --max-old-space-size-percentage=1';
    expect(derive({ node: 22, flags, heapSizeLimitMib: 289 })).toEqual([241, 'percentage']);
  });

  it('takes the percentage of the container, not of the host', () => {
    const flags = '--max-old-space-size-percentage=50';
    expect(derive({ node: 26, flags, containerMib: 1000, heapSizeLimitMib: 524 })).toEqual([
      500,
      'percentage',
    ]);
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
  ] as const)('on Node %i with %s is %i', (node, flags, old) => {
    expect(derive({ node, flags, heapSizeLimitMib: 0 })).toEqual([old, 'heap_flag']);
  });
});

describe('deriveOldSpaceLimit in a worker', () => {
  it('is resourceLimits where they agree with heap_size_limit', () => {
    expect(derive({ node: 22, worker: [64, 24], heapSizeLimitMib: 64 + 24 })).toEqual([
      64,
      'worker_resource_limits',
    ]);
  });

  it('is the flag of the process where resourceLimits only report the wish', () => {
    const flags = '--max-old-space-size=512';
    expect(derive({ node: 22, flags, worker: [64, 24], heapSizeLimitMib: 536 })).toEqual([512, 'flag']);
  });

  it('is resourceLimits where the young generation is a power of two that they do not name', () => {
    expect(derive({ node: 24, worker: [60, 9], heapSizeLimitMib: 60 + 3 * 8 })).toEqual([
      60,
      'worker_resource_limits',
    ]);
  });

  it('is derived from heap_size_limit where a flag of the process is hidden', () => {
    expect(derive({ node: 24, worker: [60, 48], heapSizeLimitMib: 120 + 48 })).toEqual([120, 'derived']);
  });
});
