const MIB = 1024 * 1024;
/** libuv answers `UINT64_MAX` for "no limit"; as a double it is 2^64. Nothing real is that large. */
const NO_LIMIT_BYTES = 2 ** 62;

/** What Node believes the machine has. */
export interface VisibleMemory {
  /** Decides the default: `SetIsolateCreateParamsForNode` (nodejs/node src/api/environment.cc). */
  readonly heapBytes: number;
  /**
   * Base of `--max-old-space-size-percentage`: whole MiB, and the limit of the container even where it is above the
   * physical memory (`HandleMaxOldSpaceSizePercentage`, nodejs/node src/node_options.cc).
   */
  readonly percentageMib: number;
}

/**
 * @param totalBytes - `os.totalmem()`
 * @param constrainedBytes - `process.constrainedMemory()`: 0 where the cgroup files are missing, about 2^64 without limit
 */
export function parseVisibleMemory(totalBytes: number, constrainedBytes: number): VisibleMemory {
  // Without a figure the machine is taken for a large one: Node's default stops to grow at 15 GiB.
  const total = isSize(totalBytes) ? totalBytes : NO_LIMIT_BYTES;
  const constrained = isSize(constrainedBytes) ? constrainedBytes : null;
  return {
    heapBytes: Math.min(total, constrained ?? total),
    percentageMib: Math.floor((constrained ?? total) / MIB),
  };
}

function isSize(bytes: number): boolean {
  return bytes > 0 && bytes < NO_LIMIT_BYTES;
}
