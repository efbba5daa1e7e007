import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { NODE_24, SnapshotBuilder, type BuiltSnapshot } from '../test/snapshot-builder.ts';
import { useTemporaryFolder } from '../test/temporary-folder.ts';
import { HeapAnalysisError } from './errors.ts';
import { readSnapshot } from './read-snapshot.ts';

const folder = useTemporaryFolder();

function small(change?: (snapshot: BuiltSnapshot) => void): string {
  const builder = new SnapshotBuilder();
  builder.node({ type: 'synthetic', name: 'root' });
  builder.node({ type: 'object', name: 'Thing', selfSize: 16, location: [1, 2, 3] });
  return builder.edge(0, 1, 'property', 'thing').toText(NODE_24, change);
}

async function failure(content: string | Buffer): Promise<HeapAnalysisError> {
  writeFileSync(folder.path('broken.heapsnapshot'), content);
  const error: unknown = await readSnapshot(folder.path('broken.heapsnapshot')).catch(
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(HeapAnalysisError);
  return error as HeapAnalysisError;
}

describe('a file that is no snapshot', () => {
  it.each([
    ['empty', '', 0, 'an empty file'],
    ['only whitespace', ' \n ', 3, 'an empty file'],
    ['binary', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0]), 0, 'byte 0x89'],
    ['text', 'hello', 0, '"h"'],
    ['a JSON array', '[1,2]', 0, '"["'],
    ['another JSON object', '{"head":{"children":[]},"samples":[]}', 36, 'without a section "snapshot"'],
    ['a header of another tool', '{"snapshot":{"meta":{}}}', 12, 'meta.node_fields'],
    ['nodes before the header', '{"nodes":[1,2]}', 1, '"nodes" before "snapshot"'],
  ])('is told apart: %s', async (_, content, byteOffset, seen) => {
    const error = await failure(content);
    expect(error).toMatchObject({ code: 'HEAP_ANALYSIS_NOT_A_SNAPSHOT', byteOffset });
    expect(error.message).toContain(seen);
  });

  it('that does not exist is named', async () => {
    const act = readSnapshot(folder.path('missing.heapsnapshot'));
    await expect(act).rejects.toMatchObject({
      code: 'HEAP_ANALYSIS_FILE_UNREADABLE',
      message: /missing\.heapsnapshot.*ENOENT/,
    });
  });

  it('that is a folder is named', async () => {
    await expect(readSnapshot(folder.path(''))).rejects.toMatchObject({
      code: 'HEAP_ANALYSIS_FILE_UNREADABLE',
      message: /not a regular file/,
    });
  });
});

describe('a snapshot that lies', () => {
  const lies: [string, (snapshot: BuiltSnapshot) => void, RegExp][] = [
    ['fewer nodes than promised', (s) => s.nodes.splice(6), /12 numbers in nodes \(6 read\).*saw "\]"/],
    [
      'more nodes than promised',
      (s) => s.nodes.push(...s.nodes.slice(6)),
      /end of nodes after 2 rows.*one more number/,
    ],
    ['half a node', (s) => s.nodes.pop(), /12 numbers in nodes \(11 read\)/],
    ['fewer edges than promised', (s) => (s.edges = []), /3 numbers in edges \(0 read\)/],
    ['more edges than its nodes have', (s) => (s.nodes[4] = 0), /1 edges as the header promises.*saw 0/],
    ['an edge count beyond all edges', (s) => (s.nodes[4] = 9), /at most 1 edges up to node 0.*saw 9/],
    ['a node type that it does not name', (s) => (s.nodes[6] = 15), /a node type below 15.*saw 15/],
    ['an edge type that it does not name', (s) => (s.edges[0] = 7), /an edge type below 7.*saw 7/],
    ['a target inside a row', (s) => (s.edges[2] = 7), /multiple of 6 below 12.*saw 7/],
    ['a target behind the last node', (s) => (s.edges[2] = 12), /multiple of 6 below 12.*saw 12/],
    ['a name behind the last string', (s) => (s.nodes[7] = 3), /a string index below 3.*saw 3/],
    ['an edge name behind the last string', (s) => (s.edges[1] = 99), /a string index below 3.*saw 99/],
    ['an id that V8 cannot give', (s) => (s.nodes[8] = 2 ** 32), /a node id below 2\^32.*saw 4294967296/],
    ['a location of no node', (s) => (s.locations[0] = 13), /object_index to be a multiple of 6.*saw 13/],
    ['half a location', (s) => s.locations.pop(), /whole rows of 4 numbers in locations \(3 numbers read\)/],
    [
      'a root that is no node',
      (s) => Object.assign(s.snapshot, { root_index: 5 }),
      /root_index to be one of 2 nodes.*saw 5/,
    ],
    ['a negative number', (s) => (s.nodes[3] = -1), /a whole number in nodes.*saw "-"/],
    ['a fraction', (s) => (s.nodes[3] = 1.5), /"," or "\]" in nodes.*saw "\."/],
  ];

  it.each(lies)('is refused where it does: %s', async (_, change, message) => {
    const error = await failure(small(change));
    expect(error.message).toMatch(message);
    expect(error.code).toBe('HEAP_ANALYSIS_MALFORMED');
    expect(error.byteOffset).toBeGreaterThan(0);
  });

  it('is refused at the very byte', async () => {
    const text = small((snapshot) => (snapshot.edges[2] = 7));
    const error = await failure(text);
    expect(text.slice(error.byteOffset!, error.byteOffset! + 2)).toBe('7]');
  });

  it.each([
    [
      'a second section',
      '{"snapshot"',
      '{"strings":[],"strings":[],"snapshot"',
      /"strings" before "snapshot"/,
    ],
    ['nodes twice', '"edges":[', '"nodes":[],"edges":[', /one section nodes.*saw a second one/],
    ['an escape that JSON does not know', '"Thing"', '"Th\\xing"', /an escape that JSON knows.*saw "x"/],
    ['a raw newline in a string', '"Thing"', '"Th\ning"', /a character of a string.*saw byte 0x0a/],
    ['text behind its end', /\}$/, '} x', /the end of the file.*saw "x"/],
    ['no edges', '"edges":[', '"links":[', /a section "edges".*end of the snapshot/],
    ['no strings', '"strings":[', '"words":[', /a section "strings".*end of the snapshot/],
    ['a comma too many', '"nodes":[', '"nodes":[,', /a whole number in nodes.*saw ","/],
  ])('is refused: %s', async (_, from, to, message) => {
    expect((await failure(small().replace(from, to))).message).toMatch(message);
  });

  it('about its size is refused before memory is taken for it', async () => {
    const text = small((snapshot) => Object.assign(snapshot.snapshot, { node_count: 3e9, edge_count: 9e9 }));
    const error = await failure(text);
    expect(error).toMatchObject({
      code: 'HEAP_ANALYSIS_TRUNCATED',
      byteOffset: text.length,
      message: /at least 90000000000 bytes in all for node_count 3000000000/,
    });
  });

  it('about its size in a gzip takes memory only for the rows that come', async () => {
    const text = small((snapshot) => {
      snapshot.snapshot.edge_count = 50_000_000;
      snapshot.nodes[4] = 50_000_000;
      // What does not compress makes the file large enough to hold so many edges, at the ratio that gzip can reach.
      snapshot['padding'] = randomBytes(300_000).toString('base64');
    });
    const before = process.memoryUsage().arrayBuffers;
    const error = await failure(gzipSync(text));
    expect(error.message).toContain('150000000 numbers in edges (3 read)');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40e6);
  });
});

describe('a snapshot that is cut off', () => {
  it('is refused at every offset, and says where the file ends', async () => {
    // With every kind of escape, so that the file also ends inside one.
    const bytes = Buffer.from(small().replace('"Thing"', String.raw`"Th\"in\\g \u00e9\n"`));
    for (let length = 1; length < bytes.length; length++) {
      const error = await failure(bytes.subarray(0, length));
      expect(error, `at ${length}`).toMatchObject({ code: 'HEAP_ANALYSIS_TRUNCATED', byteOffset: length });
    }
  });

  it('is refused at many offsets of a real file, and so is its gzip', async () => {
    const filePath = folder.path('real.heapsnapshot');
    execFileSync(process.execPath, ['-e', 'v8.writeHeapSnapshot(process.argv[1])', filePath]);
    const bytes = readFileSync(filePath);
    expect((await readSnapshot(filePath)).nodeCount).toBeGreaterThan(10_000);
    // From the end, so that one file is cut shorter and shorter.
    const lengths = Array.from(
      { length: 24 },
      (_, at) => bytes.length - 1 - Math.floor((at * bytes.length) / 24),
    );
    for (const length of lengths) {
      truncateSync(filePath, length);
      const act = readSnapshot(filePath);
      await expect(act, `at ${length}`).rejects.toMatchObject({
        code: 'HEAP_ANALYSIS_TRUNCATED',
        byteOffset: length,
      });
    }
    const zipped = gzipSync(bytes);
    for (const share of [0.2, 0.6, 0.999]) {
      const error = await failure(zipped.subarray(0, Math.floor(zipped.length * share)));
      expect(error).toMatchObject({ code: 'HEAP_ANALYSIS_TRUNCATED', message: /more compressed data/ });
    }
  });

  it('with a damaged gzip stream says so', async () => {
    const zipped = gzipSync(small());
    const filePath = folder.path('damaged.gz');
    writeFileSync(filePath, zipped);
    const file = openSync(filePath, 'r+');
    writeSync(file, Buffer.alloc(20, 0xff), 0, 20, 40);
    closeSync(file);
    await expect(readSnapshot(filePath)).rejects.toMatchObject({
      code: 'HEAP_ANALYSIS_MALFORMED',
      message: /gzip stream.*damaged.*Z_/,
    });
  });
});
