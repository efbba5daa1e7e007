import type { SnapshotHeader } from '../snapshot/header.ts';

const NODE_TYPES = [
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

const EDGE_TYPES = ['context', 'element', 'property', 'internal', 'hidden', 'shortcut', 'weak'] as const;

/** The number that each node type has in this file; -1 where the file does not have the type. */
export type NodeTypeNumbers = Readonly<Record<(typeof NODE_TYPES)[number], number>>;
export type EdgeTypeNumbers = Readonly<Record<(typeof EDGE_TYPES)[number], number>>;

export function nodeTypeNumbers(header: SnapshotHeader): NodeTypeNumbers {
  const entries = NODE_TYPES.map((type) => [type, header.nodeTypes.indexOf(type)]);
  return Object.fromEntries(entries) as NodeTypeNumbers;
}

export function edgeTypeNumbers(header: SnapshotHeader): EdgeTypeNumbers {
  const entries = EDGE_TYPES.map((type) => [type, header.edgeTypes.indexOf(type)]);
  return Object.fromEntries(entries) as EdgeTypeNumbers;
}
