import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { MemoryFacts } from '../guards/guard.ts';
import { readMemory, sanitizeLimit } from './read-memory.ts';

const MIB = 2 ** 20;
const V1_NO_LIMIT = '9223372036854771712';
const directory = mkdtempSync(join(tmpdir(), 'heapfloor-memory-'));
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

type Files = Readonly<Record<string, string | number>>;

/** A machine with 16 GiB, 8 GiB of it available; an app of 100 MiB; files by their path below `/`, numbers in MiB. */
async function read(files: Files, constrainedBytes?: number): Promise<MemoryFacts> {
  for (const [path, content] of Object.entries({ 'proc/meminfo': 'MemAvailable: 8388608 kB\n', ...files })) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), typeof content === 'number' ? `${content * MIB}\n` : content);
  }
  return readMemory(100 * MIB, {
    procDirectory: join(directory, 'proc'),
    cgroupDirectory: join(directory, 'cgroup'),
    constrainedBytes,
    totalBytes: 16_384 * MIB,
    freeBytes: 4_096 * MIB,
  });
}

const inMib = ({ availableBytes, limitBytes, source }: MemoryFacts): unknown[] => [
  availableBytes / MIB,
  limitBytes === null ? null : limitBytes / MIB,
  source,
];

const V2 = { 'proc/self/cgroup': '0::/pod/app\n' };
const V1 = { 'proc/self/cgroup': '5:cpu,cpuacct:/other\n4:memory:/pod/app\n1:name=systemd:/\n0::/\n' };
const group = (path: string, max: string | number, current: number, stat = ''): Files => ({
  [`cgroup/${path}/memory.max`]: max,
  [`cgroup/${path}/memory.current`]: current,
  [`cgroup/${path}/memory.stat`]: stat,
});
const groupV1 = (path: string, limit: string | number, usage: number, stat = ''): Files => ({
  [`cgroup/memory/${path}/memory.limit_in_bytes`]: limit,
  [`cgroup/memory/${path}/memory.usage_in_bytes`]: usage,
  [`cgroup/memory/${path}/memory.stat`]: stat,
});
const inactive = (name: string, mib: number): string => `anon 1\n${name} ${mib * MIB}\nactive_file 7\n`;

describe('readMemory', () => {
  it.each<[name: string, files: Files, expected: unknown[]]>([
    ['the room of its own group', { ...V2, ...group('pod/app', 512, 200) }, [312, 512, 'cgroup']],
    [
      'files that the kernel can drop as free',
      { ...V2, ...group('pod/app', 512, 200, inactive('inactive_file', 50)) },
      [362, 512, 'cgroup'],
    ],
    [
      'the tightest of the groups around it, with what the others in there take',
      { ...V2, ...group('pod/app', 512, 200), ...group('pod', 1024, 900), ...group('', 4096, 1000) },
      [124, 1024, 'cgroup'],
    ],
    [
      'a group around it where its own has no limit',
      { ...V2, ...group('pod/app', 'max\n', 200), ...group('pod', 1024, 900) },
      [124, 1024, 'cgroup'],
    ],
    [
      'memory.high, above which the kernel slows the group down',
      { ...V2, ...group('pod/app', 512, 200), 'cgroup/pod/app/memory.high': 400 },
      [200, 400, 'cgroup'],
    ],
    [
      'the group at the mount, where the path is that of the host',
      { 'proc/self/cgroup': '0::/docker/0123\n', ...group('', 512, 200) },
      [312, 512, 'cgroup'],
    ],
    [
      'the group at the mount, where its own lies outside of the namespace',
      { 'proc/self/cgroup': '0::/../../pod\n', ...group('', 512, 200) },
      [312, 512, 'cgroup'],
    ],
    ['the group at the mount, where /proc is hidden', group('', 512, 200), [312, 512, 'cgroup']],
    [
      'its own rss, where the group does not say its usage',
      { ...V2, 'cgroup/pod/app/memory.max': 512 },
      [412, 512, 'cgroup'],
    ],
    [
      'nothing, where the group is over its limit',
      { ...V2, ...group('pod/app', 512, 600) },
      [0, 512, 'cgroup'],
    ],
    ['nothing, where the limit is 0', { ...V2, ...group('pod/app', '0', 0) }, [0, 0, 'cgroup']],
    [
      'what the machine has, where that is less than the room',
      { ...V2, ...group('pod/app', 10_000, 100) },
      [8192, 10_000, 'free memory'],
    ],
    [
      'what the machine has, where no group has a limit',
      { ...V2, ...group('pod/app', 'max\n', 200), ...group('', 'max\n', 900) },
      [8192, null, 'free memory'],
    ],
    [
      'what the machine has, where the limit is that of the machine or garbage',
      { ...V2, ...group('pod/app', 16_384, 200), ...group('pod', 'garbage', 1) },
      [8192, null, 'free memory'],
    ],
    ['the room of a group of version 1', { ...V1, ...groupV1('pod/app', 512, 200) }, [312, 512, 'cgroup']],
    [
      'files of its descendants that the kernel can drop, in version 1',
      {
        ...V1,
        ...groupV1(
          'pod/app',
          512,
          200,
          `${inactive('inactive_file', 9)}${inactive('total_inactive_file', 50)}`,
        ),
      },
      [362, 512, 'cgroup'],
    ],
    [
      'the groups around it in version 1, where no limit is a very large number',
      {
        ...V1,
        ...groupV1('pod/app', V1_NO_LIMIT, 200),
        ...groupV1('pod', 1024, 900),
        ...groupV1('', V1_NO_LIMIT, 1),
      },
      [124, 1024, 'cgroup'],
    ],
    [
      'the mount of version 1 in a container, where the path is that of the host',
      { 'proc/self/cgroup': '4:memory:/docker/0123\n', ...groupV1('', 512, 200) },
      [312, 512, 'cgroup'],
    ],
  ])('counts %s', async (_name, files, expected) => {
    expect(inMib(await read(files))).toEqual(expected);
  });

  it('asks Node for the limit where no file can be read, and the system for what is free', async () => {
    expect(inMib(await read({}, 512 * MIB))).toEqual([412, 512, 'cgroup']);
    expect(inMib(await read({ 'proc/meminfo': 'MemTotal: 1 kB\n' }, 2 ** 64))).toEqual([
      4096,
      null,
      'free memory',
    ]);
  });
});

it.each([
  ['no cgroup on Node 22 and later', 18_446_744_073_709_552_000, null],
  ['nothing known', 0, null],
  ['an older Node', undefined, null],
  ['as much as the machine has', 1_000, null],
  ['a real limit', 999, 999],
])('takes %s for what it is', (_name, constrainedBytes, limitBytes) => {
  expect(sanitizeLimit(constrainedBytes, 1_000)).toBe(limitBytes);
});
