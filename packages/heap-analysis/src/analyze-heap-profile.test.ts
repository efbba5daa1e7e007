import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { allocationReport } from '@heapfloor/contract';
import { describe, expect, it } from 'vitest';
import { useTemporaryFolder } from '../test/temporary-folder.ts';
import { analyzeHeapProfile } from './analyze-heap-profile.ts';

const folder = useTemporaryFolder();

interface Call {
  readonly name: string;
  readonly line?: number;
  readonly url?: string;
  readonly self?: number;
  readonly calls?: readonly Call[];
}

let nextId = 1;
function toNode({ name, line = -1, url = '', self = 0, calls = [] }: Call): object {
  return {
    callFrame: { functionName: name, scriptId: '1', url, lineNumber: line, columnNumber: 0 },
    selfSize: self,
    id: nextId++,
    children: calls.map(toNode),
  };
}

const shop = 'file:///srv/app/src/shop.js';
const profile = {
  head: toNode({
    name: '(root)',
    calls: [
      { name: '(V8 API)', self: 40 },
      {
        name: 'handle',
        url: shop,
        line: 9,
        self: 10,
        calls: [
          {
            name: 'open',
            url: shop,
            line: 40,
            self: 300,
            calls: [{ name: 'open', url: shop, line: 40, self: 100 }],
          },
          { name: '', url: 'file:///srv/app/node_modules/pg/lib/query.js', line: 4, self: 50 },
        ],
      },
      {
        name: 'tick',
        url: 'file:///srv/app/main.js',
        line: 0,
        calls: [{ name: 'open', url: shop, line: 40, self: 5 }],
      },
    ],
  }),
  samples: [],
};

async function analyze(content: string | Buffer) {
  writeFileSync(folder.path('a.heapprofile'), content);
  return analyzeHeapProfile(folder.path('a.heapprofile'));
}

describe('analyzeHeapProfile', () => {
  it('sums a function over its callers and counts a recursion once', async () => {
    const report = await analyze(JSON.stringify(profile));
    expect(report.totalSizeBytes).toBe(505);
    expect(report.sites).toEqual([
      {
        functionName: 'open',
        source: 'src/shop.js:41',
        selfSizeBytes: 405,
        totalSizeBytes: 405,
        stack: ['handle (src/shop.js:10)', 'open (src/shop.js:41)'],
      },
      {
        functionName: '(anonymous)',
        source: 'node_modules/pg/lib/query.js:5',
        selfSizeBytes: 50,
        totalSizeBytes: 50,
        stack: ['handle (src/shop.js:10)', '(anonymous) (node_modules/pg/lib/query.js:5)'],
      },
      { functionName: '(V8 API)', source: null, selfSizeBytes: 40, totalSizeBytes: 40, stack: ['(V8 API)'] },
      {
        functionName: 'handle',
        source: 'src/shop.js:10',
        selfSizeBytes: 10,
        totalSizeBytes: 460,
        stack: ['handle (src/shop.js:10)'],
      },
    ]);
  });

  it('reads a gzipped profile', async () => {
    expect((await analyze(gzipSync(JSON.stringify(profile)))).totalSizeBytes).toBe(505);
  });

  it('gives at most 50 sites', async () => {
    const calls = Array.from({ length: 60 }, (_, at) => ({
      name: `f${at}`,
      url: shop,
      line: at,
      self: at + 1,
    }));
    const { sites } = await analyze(JSON.stringify({ head: toNode({ name: '(root)', calls }) }));
    expect(sites).toHaveLength(50);
    expect(sites[0]).toMatchObject({ functionName: 'f59', selfSizeBytes: 60 });
  });

  it('finds who allocates in a profile of a real process', async () => {
    const script = fileURLToPath(new URL('../test/fixtures/allocate.mjs', import.meta.url));
    const name = 'real.heapprofile';
    // Every 16 kB instead of every 512: more samples, so that chance does not decide.
    const flags = ['--heap-prof', '--heap-prof-interval=16384', `--heap-prof-dir=${folder.path('')}`];
    execFileSync(process.execPath, [...flags, `--heap-prof-name=${name}`, script]);
    const report = allocationReport.parse(await analyzeHeapProfile(folder.path(name)));
    // V8 may inline one function into the other, so it is the stack that counts.
    const filled = report.sites.filter(({ stack }) => stack.includes('fill (allocate.mjs:6)'));
    const filledBytes = filled.reduce((sum, { selfSizeBytes }) => sum + selfSizeBytes, 0);
    // 20,000 rows of more than 400 bytes.
    expect(report.totalSizeBytes).toBeGreaterThan(6e6);
    expect(filledBytes / report.totalSizeBytes).toBeGreaterThan(0.9);
  });

  it.each([
    ['an empty file', '', /saw an empty file/],
    ['no JSON', '<html>', /expected JSON;/],
    ['a heap snapshot', '{"snapshot":{},"nodes":[]}', /a member "head", saw an object with snapshot, nodes/],
    ['a CPU profile', '{"nodes":[],"startTime":1}', /saw an object with nodes, startTime/],
    ['an array', '[1]', /saw an array/],
    ['null', 'null', /saw null/],
    ['a head without a call', '{"head":{"id":1}}', /a call with callFrame.*at node 0/],
    ['a negative size', JSON.stringify({ head: toNode({ name: 'a', self: -5 }) }), /a call with selfSize/],
    ['a cut gzip', gzipSync(JSON.stringify(profile)).subarray(0, 60), /a whole gzip stream/],
  ])('refuses %s', async (_, content, message) => {
    await expect(analyze(content)).rejects.toMatchObject({
      code: 'HEAP_ANALYSIS_NOT_A_PROFILE',
      message: expect.stringMatching(message),
    });
  });

  it('refuses a nesting that no stack has, without running out of stack', async () => {
    const open =
      '{"callFrame":{"functionName":"f","url":"","lineNumber":0,"columnNumber":0},"selfSize":0,"children":[';
    const deep = `{"head":${open.repeat(5000)}${']}'.repeat(5000)}}`;
    await expect(analyze(deep)).rejects.toMatchObject({
      message: expect.stringMatching(/at most 4096 calls/),
    });
  });
});
