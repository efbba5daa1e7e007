/** Writes small snapshots whose results can be worked out by hand. */

export const NODE_TYPES = [
  'hidden',
  'array',
  'string',
  'object',
  'code',
  'closure',
  'regexp',
  'number',
  'native',
  'synthetic',
  'concatenated string',
  'sliced string',
  'symbol',
  'bigint',
  'object shape',
] as const;
export const EDGE_TYPES = [
  'context',
  'element',
  'property',
  'internal',
  'hidden',
  'shortcut',
  'weak',
] as const;
export type NodeType = (typeof NODE_TYPES)[number];
export type EdgeType = (typeof EDGE_TYPES)[number];

export interface BuiltNode {
  readonly type: NodeType;
  readonly name: string;
  readonly id?: number;
  readonly selfSize?: number;
  readonly detachedness?: number;
  /** scriptId, line, column. */
  readonly location?: readonly [number, number, number];
}

export interface BuiltEdge {
  readonly from: number;
  readonly to: number;
  readonly type: EdgeType;
  readonly name: string | number;
}

export interface Layout {
  readonly nodeFields: readonly string[];
  /** Written after each row. */
  readonly rowSeparator: string;
}

/** As Node 22, 24 and 26 write it. */
export const NODE_22: Layout = {
  nodeFields: ['type', 'name', 'id', 'self_size', 'edge_count', 'trace_node_id', 'detachedness'],
  rowSeparator: '\n',
};
export const NODE_24: Layout = {
  nodeFields: ['type', 'name', 'id', 'self_size', 'edge_count', 'detachedness'],
  rowSeparator: '',
};

export class SnapshotBuilder {
  readonly nodes: BuiltNode[] = [];
  readonly edges: BuiltEdge[] = [];
  readonly #strings = new Map<string, number>();

  /** @returns the node's ordinal; the first node is the root. */
  node(node: BuiltNode): number {
    return this.nodes.push(node) - 1;
  }

  edge(from: number, to: number, type: EdgeType = 'property', name: string | number = 'x'): this {
    this.edges.push({ from, to, type, name });
    return this;
  }

  /** The file's text; `change` edits the parsed form to make it lie. */
  toText(layout: Layout = NODE_24, change: (snapshot: BuiltSnapshot) => void = () => undefined): string {
    const snapshot = this.toObject(layout);
    change(snapshot);
    const { snapshot: header, nodes, edges, locations, strings, ...others } = snapshot;
    const sections = Object.entries(others).map(([name, value]) => `"${name}":${JSON.stringify(value)},`);
    const rows = (values: readonly number[], size: number): string =>
      toRows(values, size, layout.rowSeparator);
    return [
      `{"snapshot":${JSON.stringify(header)},`,
      `"nodes":[${rows(nodes, layout.nodeFields.length)}],`,
      `"edges":[${rows(edges, 3)}],`,
      ...sections,
      `"locations":[${rows(locations, 4)}],`,
      `"strings":${JSON.stringify(strings)}}`,
    ].join('\n');
  }

  toObject(layout: Layout = NODE_24): BuiltSnapshot {
    const fieldCount = layout.nodeFields.length;
    const edges: number[] = [];
    const nodes = this.nodes.flatMap((node, ordinal) => {
      const own = this.edges.filter(({ from }) => from === ordinal);
      edges.push(...own.flatMap((edge) => this.#edgeRow(edge, fieldCount)));
      return this.#nodeRow(node, { ordinal, edgeCount: own.length, layout });
    });
    const locations = this.nodes.flatMap(({ location }, ordinal) =>
      location === undefined ? [] : [ordinal * fieldCount, ...location],
    );
    return {
      snapshot: header(layout, { nodes: this.nodes.length, edges: this.edges.length }),
      nodes,
      edges,
      trace_function_infos: [],
      trace_tree: [{ nested: ['"]}', {}] }],
      samples: [],
      locations,
      strings: [...this.#strings.keys()],
    };
  }

  #nodeRow(node: BuiltNode, at: { ordinal: number; edgeCount: number; layout: Layout }): number[] {
    const values: Record<string, number> = {
      type: NODE_TYPES.indexOf(node.type),
      name: this.#string(node.name),
      id: node.id ?? at.ordinal * 2 + 1,
      self_size: node.selfSize ?? 0,
      edge_count: at.edgeCount,
      trace_node_id: 0,
      detachedness: node.detachedness ?? 0,
    };
    return at.layout.nodeFields.map((field) => values[field] ?? 0);
  }

  #edgeRow({ type, name, to }: BuiltEdge, fieldCount: number): number[] {
    const nameOrIndex = typeof name === 'number' ? name : this.#string(name);
    return [EDGE_TYPES.indexOf(type), nameOrIndex, to * fieldCount];
  }

  #string(text: string): number {
    const index = this.#strings.get(text) ?? this.#strings.size;
    this.#strings.set(text, index);
    return index;
  }
}

export interface BuiltSnapshot {
  snapshot: ReturnType<typeof header>;
  nodes: number[];
  edges: number[];
  locations: number[];
  strings: string[];
  [section: string]: unknown;
}

function header(layout: Layout, count: { nodes: number; edges: number }) {
  return {
    meta: {
      node_fields: [...layout.nodeFields],
      node_types: layout.nodeFields.map((field) => (field === 'type' ? [...NODE_TYPES] : 'number')),
      edge_fields: ['type', 'name_or_index', 'to_node'],
      edge_types: [[...EDGE_TYPES], 'string_or_number', 'node'],
      location_fields: ['object_index', 'script_id', 'line', 'column'],
      sample_fields: ['timestamp_us', 'last_assigned_id'],
    },
    node_count: count.nodes,
    edge_count: count.edges,
    trace_function_count: 0,
    extra_native_bytes: 0,
  };
}

function toRows(values: readonly number[], size: number, separator: string): string {
  const rows: string[] = [];
  for (let at = 0; at < values.length; at += size) rows.push(values.slice(at, at + size).join(','));
  return rows.join(`${separator},`);
}
