import { z } from 'zod';
import { HeapAnalysisError, malformed, notASnapshot, truncated } from '../errors.ts';
import type { SourceFile } from './byte-source.ts';
import { estimateMemory } from './memory-estimate.ts';

/** V8 has 7 node fields at most; a file that names more than this is not one of its own. */
const MAX_FIELDS = 64;
const fieldNames = z.array(z.string()).min(1).max(MAX_FIELDS);
/** A field's type: one of a list of names, or one word. */
const fieldTypes = z.array(z.union([z.array(z.string()).min(1).max(255), z.string()]));

const headerSchema = z.object({
  meta: z.object({
    node_fields: fieldNames,
    node_types: fieldTypes,
    edge_fields: fieldNames,
    edge_types: fieldTypes,
    location_fields: fieldNames.optional(),
  }),
  node_count: z.int().min(1),
  edge_count: z.int().min(0),
  root_index: z.int().min(0).optional(),
  extra_native_bytes: z.number().min(0).optional(),
});

/** Where each field stands in a row. Node 22 writes 7 per node, Node 24 and 26 write 6, so nothing is fixed. */
export interface NodeLayout {
  readonly fieldCount: number;
  readonly type: number;
  readonly name: number;
  readonly id: number;
  readonly selfSize: number;
  readonly edgeCount: number;
  /** -1 where the file has none. */
  readonly detachedness: number;
}

export interface EdgeLayout {
  readonly fieldCount: number;
  readonly type: number;
  readonly nameOrIndex: number;
  readonly toNode: number;
}

export interface LocationLayout {
  readonly fieldCount: number;
  readonly objectIndex: number;
  readonly scriptId: number;
  readonly line: number;
  readonly column: number;
}

export interface SnapshotHeader {
  readonly nodeCount: number;
  readonly edgeCount: number;
  readonly rootOrdinal: number;
  readonly extraNativeBytes: number;
  readonly nodeTypes: readonly string[];
  readonly edgeTypes: readonly string[];
  readonly nodes: NodeLayout;
  readonly edges: EdgeLayout;
  readonly locations: LocationLayout | null;
}

/** @param offset - where the header's text starts, for errors. */
export function parseHeader(text: string, offset: number): SnapshotHeader {
  const parsed = headerSchema.safeParse(parseJson(text, offset));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw notASnapshot(
      offset,
      `a header whose ${issue?.path.join('.') ?? ''} is wrong (${issue?.message ?? ''})`,
    );
  }
  const { meta, ...counts } = parsed.data;
  const nodes = nodeLayout(meta.node_fields, offset);
  const edges = edgeLayout(meta.edge_fields, offset);
  return {
    nodeCount: counts.node_count,
    edgeCount: counts.edge_count,
    rootOrdinal: rootOrdinal(counts.root_index ?? 0, { nodes, nodeCount: counts.node_count, offset }),
    extraNativeBytes: counts.extra_native_bytes ?? 0,
    nodeTypes: typeNames(meta.node_types[nodes.type], { what: 'node_types', offset }),
    edgeTypes: typeNames(meta.edge_types[edges.type], { what: 'edge_types', offset }),
    nodes,
    edges,
    locations: meta.location_fields === undefined ? null : locationLayout(meta.location_fields, offset),
  };
}

/**
 * Refuses counts that the file cannot hold before anything is allocated for them: a number is at least one digit and
 * one separator. What a `.gz` expands to is not known beforehand; there the arrays grow with the rows that arrive.
 */
export function assertCountsFit(header: SnapshotHeader, file: SourceFile): void {
  const { nodeCount, edgeCount, nodes, edges } = header;
  const leastBytes = 2 * (nodeCount * nodes.fieldCount + edgeCount * edges.fieldCount);
  const mostBytes = file.isGzip ? file.fileSizeBytes * MAX_GZIP_RATIO : file.fileSizeBytes;
  if (leastBytes <= mostBytes) return;
  const counts = `node_count ${nodeCount} and edge_count ${edgeCount}`;
  throw truncated(file.fileSizeBytes, `at least ${leastBytes} bytes in all for ${counts}`);
}

/** The most that deflate can compress: https://www.zlib.net/zlib_tech.html ("Maximum Compression Factor"). */
const MAX_GZIP_RATIO = 1032;

/** Refuses a snapshot that would need more memory than allowed, before it is read. */
export function assertWithinMemory(header: SnapshotHeader, limitBytes: number): void {
  const neededBytes = estimateMemory(header).peakBytes;
  if (neededBytes <= limitBytes) return;
  throw new HeapAnalysisError(
    'HEAP_ANALYSIS_TOO_LARGE',
    `the snapshot has ${header.nodeCount} nodes and ${header.edgeCount} edges and needs about ${mebibytes(neededBytes)}, ` +
      `there are ${mebibytes(limitBytes)} for it; raise memoryLimitMiB`,
  );
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}

function parseJson(text: string, offset: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw malformed(offset, 'a header in JSON', 'text that is no JSON');
  }
}

function nodeLayout(fields: readonly string[], offset: number): NodeLayout {
  return {
    fieldCount: fields.length,
    type: position(fields, 'type', offset),
    name: position(fields, 'name', offset),
    id: position(fields, 'id', offset),
    selfSize: position(fields, 'self_size', offset),
    edgeCount: position(fields, 'edge_count', offset),
    detachedness: fields.indexOf('detachedness'),
  };
}

function edgeLayout(fields: readonly string[], offset: number): EdgeLayout {
  return {
    fieldCount: fields.length,
    type: position(fields, 'type', offset),
    nameOrIndex: position(fields, 'name_or_index', offset),
    toNode: position(fields, 'to_node', offset),
  };
}

function locationLayout(fields: readonly string[], offset: number): LocationLayout {
  return {
    fieldCount: fields.length,
    objectIndex: position(fields, 'object_index', offset),
    scriptId: position(fields, 'script_id', offset),
    line: position(fields, 'line', offset),
    column: position(fields, 'column', offset),
  };
}

function position(fields: readonly string[], name: string, offset: number): number {
  const index = fields.indexOf(name);
  if (index === -1)
    throw notASnapshot(offset, `a header without the field "${name}" (it has ${fields.join(', ')})`);
  return index;
}

function typeNames(
  types: readonly string[] | string | undefined,
  where: { what: string; offset: number },
): readonly string[] {
  if (typeof types === 'object') return types;
  throw notASnapshot(where.offset, `a header whose ${where.what} does not list the names of its types`);
}

function rootOrdinal(
  rootIndex: number,
  header: { nodes: NodeLayout; nodeCount: number; offset: number },
): number {
  const ordinal = rootIndex / header.nodes.fieldCount;
  if (Number.isInteger(ordinal) && ordinal < header.nodeCount) return ordinal;
  throw malformed(header.offset, `root_index to be one of ${header.nodeCount} nodes`, String(rootIndex));
}
