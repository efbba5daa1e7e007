export interface MemoryEstimate {
  /** While the graph is built. */
  readonly peakBytes: number;
  /** What stays of it. */
  readonly residentBytes: number;
}

/** Bytes per node and edge, counted from the columns and rounded up; checked against the peak RSS of real files. */
const PEAK_NODE_BYTES = 150;
const PEAK_EDGE_BYTES = 22;
const RESIDENT_NODE_BYTES = 90;
const RESIDENT_EDGE_BYTES = 10;

/** What a snapshot with so many nodes and edges needs, strings not counted: they are at most as large as the file. */
export function estimateMemory(size: { nodeCount: number; edgeCount: number }): MemoryEstimate {
  return {
    peakBytes: size.nodeCount * PEAK_NODE_BYTES + size.edgeCount * PEAK_EDGE_BYTES,
    residentBytes: size.nodeCount * RESIDENT_NODE_BYTES + size.edgeCount * RESIDENT_EDGE_BYTES,
  };
}
