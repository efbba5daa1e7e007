import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { NODE_22, NODE_24, SnapshotBuilder, type Layout } from '../test/snapshot-builder.ts';
import { useTemporaryFolder } from '../test/temporary-folder.ts';
import type { HeapGraph } from './graph/graph.ts';
import { readSnapshot } from './read-snapshot.ts';

const folder = useTemporaryFolder();

/** root → global → {store → Session ×2}, one of them also held by the global. */
function shop(): SnapshotBuilder {
  const builder = new SnapshotBuilder();
  const root = builder.node({ type: 'synthetic', name: '', id: 1 });
  const global = builder.node({ type: 'object', name: 'global', id: 3, selfSize: 100 });
  const store = builder.node({
    type: 'object',
    name: 'Store “ä” \\ "q" \n',
    id: 5,
    selfSize: 50,
    location: [7, 40, 2],
  });
  const first = builder.node({ type: 'object', name: 'Session', id: 7, selfSize: 10 });
  const second = builder.node({ type: 'object', name: 'Session', id: 9, selfSize: 5_000_000_000 });
  builder.edge(root, global, 'shortcut', 'global').edge(global, store, 'property', 'store');
  builder
    .edge(store, first, 'element', 0)
    .edge(store, second, 'element', 1)
    .edge(global, second, 'property', 'last');
  return builder;
}

async function read(content: string | Buffer, name = 'file.heapsnapshot'): Promise<HeapGraph> {
  writeFileSync(folder.path(name), content);
  return readSnapshot(folder.path(name));
}

function describeShop(graph: HeapGraph) {
  return {
    facts: { ...graph.facts, fileName: '', fileSizeBytes: 0 },
    names: Array.from(graph.nodes.name, (index) => graph.strings.get(index)),
    ids: [...graph.nodes.id],
    firstEdge: [...graph.nodes.firstEdge],
    toNode: [...graph.edges.toNode],
    dominators: [...graph.dominators.parent],
    retainedSizes: [...graph.retainedSize],
    distances: [...graph.distance],
  };
}

const expectedShop = {
  facts: { fileName: '', fileSizeBytes: 0, nodeCount: 5, edgeCount: 5, heapSizeBytes: 5_000_000_160 },
  names: ['', 'global', 'Store “ä” \\ "q" \n', 'Session', 'Session'],
  ids: [1, 3, 5, 7, 9],
  firstEdge: [0, 1, 3, 5, 5, 5],
  toNode: [1, 2, 4, 3, 4],
  dominators: [0, 0, 1, 2, 1],
  retainedSizes: [5_000_000_160, 5_000_000_160, 60, 10, 5_000_000_000],
  distances: [100_000_000, 1, 2, 3, 2],
};

describe('readSnapshot', () => {
  it.each([
    ['7 fields and a row per line (Node 22)', NODE_22],
    ['6 fields and no newline (Node 24 and 26)', NODE_24],
    ['fields in another order', { ...NODE_24, nodeFields: NODE_24.nodeFields.toReversed() }],
    ['fields that we do not know', { ...NODE_24, nodeFields: ['future', ...NODE_24.nodeFields, 'later'] }],
    ['any whitespace', { ...NODE_24, rowSeparator: ' \r\n\t ' }],
  ] satisfies [string, Layout][])('reads %s', async (_, layout) => {
    expect(describeShop(await read(shop().toText(layout)))).toEqual(expectedShop);
  });

  it('reads a gzipped snapshot', async () => {
    const graph = await read(gzipSync(shop().toText()), 'shop.heapsnapshot.gz');
    expect(describeShop(graph)).toEqual(expectedShop);
    expect(graph.facts.fileName).toBe('shop.heapsnapshot.gz');
  });

  it('skips sections that it does not know, whatever they hold', async () => {
    const text = shop().toText(NODE_24, (snapshot) => {
      snapshot['scopes'] = [1, 2, [3, { '}': ['"', '\\"]'] }]];
      snapshot['future'] = 'text with ] and " in it';
      snapshot['flag'] = true;
    });
    expect(describeShop(await read(text))).toEqual(expectedShop);
  });

  it('reads a snapshot that is larger than one chunk of the file', async () => {
    const builder = shop();
    for (let at = 0; at < 3000; at++) {
      const node = builder.node({ type: 'string', name: `${at} ${'é'.repeat(500)}`, selfSize: 8 });
      builder.edge(2, node, 'element', at);
    }
    const graph = await read(builder.toText());
    expect(graph.facts.fileSizeBytes).toBeGreaterThan(2 ** 21);
    expect(graph.strings.get(graph.nodes.name[3004]!)).toBe(`2999 ${'é'.repeat(500)}`);
    expect(graph.retainedSize[2]).toBe(60 + 3000 * 8);
  });

  it('reads escapes that two chunks of the file share', async () => {
    const builder = shop();
    // 4.4 MB of nothing but escapes, so that chunk borders (every 2^20 bytes) fall into them.
    const text = builder.toText(NODE_24, (snapshot) => {
      for (let at = 0; at < 400_000; at++) snapshot.strings.push('\n\u0001');
    });
    const graph = await read(text);
    const count = graph.strings.count;
    const wrong = Array.from({ length: 400_000 }, (_, at) => graph.strings.get(count - 1 - at)).filter(
      (value) => value !== '\n\u0001',
    );
    expect(wrong).toEqual([]);
  });

  it('finds where a class is defined', async () => {
    const graph = await read(shop().toText());
    const row = graph.locationOf[2]!;
    expect([graph.locations.scriptId[row], graph.locations.line[row], graph.locations.column[row]]).toEqual([
      7, 40, 2,
    ]);
    expect(graph.locationOf[3]).toBe(-1);
  });

  it('refuses a snapshot that needs more memory than allowed before reading it', async () => {
    await read(shop().toText());
    const act = readSnapshot(folder.path('file.heapsnapshot'), { memoryLimitBytes: 100 });
    await expect(act).rejects.toMatchObject({
      code: 'HEAP_ANALYSIS_TOO_LARGE',
      message: /5 nodes and 5 edges.*memoryLimitMiB/,
    });
  });
});
