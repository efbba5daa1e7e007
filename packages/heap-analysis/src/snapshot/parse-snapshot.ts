import { malformed, notASnapshot, truncated } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';
import { readEdges } from './edge-section.ts';
import { assertCountsFit, assertWithinMemory, parseHeader, type SnapshotHeader } from './header.ts';
import { describeByte, expectByte, readMemberName, readValueText, skipValue } from './json-value.ts';
import { emptyLocations, readLocations } from './location-section.ts';
import { readNodes, type NameBound } from './node-section.ts';
import type { EdgeColumns, LocationColumns, NodeColumns, RawSnapshot } from './raw-snapshot.ts';
import { readStringTable, type StringTable } from './string-table.ts';

/** V8's header has about 1.5 kB. */
const MAX_HEADER_BYTES = 1 << 20;

interface Sections {
  header: SnapshotHeader | null;
  nodes: NodeColumns | null;
  edges: EdgeColumns | null;
  locations: LocationColumns | null;
  strings: StringTable | null;
  readonly names: NameBound;
  readonly memoryLimitBytes: number;
}

/**
 * Reads the sections in the order in which they come and skips those that we do not use (allocation traces, samples,
 * and whatever a newer V8 adds).
 */
export async function parseSnapshot(source: ByteSource, memoryLimitBytes: number): Promise<RawSnapshot> {
  const sections: Sections = {
    header: null,
    nodes: null,
    edges: null,
    locations: null,
    strings: null,
    names: { index: -1, offset: 0 },
    memoryLimitBytes,
  };
  await expectObject(source);
  while (await hasNextMember(source)) {
    const offset = source.offset;
    const name = await readMemberName(source);
    await readSection(source, sections, { name, offset });
    await expectSeparator(source, name);
  }
  return finish(source, sections);
}

async function expectObject(source: ByteSource): Promise<void> {
  const byte = await source.peek();
  if (byte === -1) throw notASnapshot(source.offset, 'an empty file');
  if (byte !== 0x7b) throw notASnapshot(source.offset, describeByte(byte));
  source.position++;
}

async function hasNextMember(source: ByteSource): Promise<boolean> {
  const byte = await source.peek();
  if (byte === -1) throw truncated(source.offset, 'a section name or "}"');
  if (byte !== 0x7d) return true;
  source.position++;
  return false;
}

async function expectSeparator(source: ByteSource, name: string): Promise<void> {
  if ((await source.peek()) === 0x7d) return;
  await expectByte(source, ',', `"," or "}" after the section ${name}`);
  if ((await source.peek()) === 0x7d) throw malformed(source.offset, 'a section name', '"}"');
}

async function readSection(
  source: ByteSource,
  sections: Sections,
  section: { name: string; offset: number },
): Promise<void> {
  const { name, offset } = section;
  const isKnown =
    name === 'snapshot' || name === 'nodes' || name === 'edges' || name === 'locations' || name === 'strings';
  if (!isKnown) return skipValue(source);
  const slot = name === 'snapshot' ? 'header' : name;
  if (sections[slot] !== null) throw malformed(offset, `one section ${name}`, 'a second one');
  if (name === 'snapshot') {
    sections.header = await readHeader(source, sections.memoryLimitBytes);
    return;
  }
  const { header } = sections;
  if (header === null) throw notASnapshot(offset, `the section "${name}" before "snapshot"`);
  if (name === 'nodes') sections.nodes = await readNodes(source, header, sections.names);
  else if (name === 'edges') sections.edges = await readEdges(source, header, sections.names);
  else if (name === 'strings') sections.strings = await readStringTable(source);
  else sections.locations = await readLocationSection(source, header);
}

async function readHeader(source: ByteSource, memoryLimitBytes: number): Promise<SnapshotHeader> {
  await source.peek();
  const offset = source.offset;
  const text = await readValueText(source, { what: 'the header', maxBytes: MAX_HEADER_BYTES });
  const header = parseHeader(text, offset);
  assertCountsFit(header, source.file);
  assertWithinMemory(header, memoryLimitBytes);
  return header;
}

async function readLocationSection(source: ByteSource, header: SnapshotHeader): Promise<LocationColumns> {
  if (header.locations !== null) return readLocations(source, header, header.locations);
  await skipValue(source);
  return emptyLocations();
}

async function finish(source: ByteSource, sections: Sections): Promise<RawSnapshot> {
  const { header, nodes, edges, strings, names } = sections;
  if (header === null) throw notASnapshot(source.offset - 1, 'a JSON object without a section "snapshot"');
  const missing = nodes === null ? 'nodes' : edges === null ? 'edges' : 'strings';
  if (nodes === null || edges === null || strings === null) {
    throw malformed(source.offset - 1, `a section "${missing}"`, 'the end of the snapshot');
  }
  const rest = await source.peek();
  if (rest !== -1) throw malformed(source.offset, 'the end of the file', describeByte(rest));
  if (names.index >= strings.count) {
    throw malformed(names.offset, `a string index below ${strings.count}`, String(names.index));
  }
  return { header, nodes, edges, strings, locations: sections.locations ?? emptyLocations() };
}
