import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { isMainThread, resourceLimits } from 'node:worker_threads';
import { quietly } from '../quietly.ts';
import { deriveOldSpaceLimit, type LimitFacts, type OldSpaceLimit } from './derive-limit.ts';
import { parseHeapFlags, type HeapFlags } from './heap-flags.ts';
import { readSharedHeapFlags, shareHeapFlags } from './shared-flags.ts';

/**
 * The limit of this isolate. Read once at start: near-limit hooks raise `heap_size_limit` later, and that is a last
 * breath, not room.
 */
export function readOldSpaceLimit(): OldSpaceLimit {
  return deriveOldSpaceLimit({
    flagSets: readFlagSets(),
    nodeMajor: Number.parseInt(process.versions.node, 10),
    totalMemoryBytes: readBytes('os.totalmem', totalmem),
    constrainedMemoryBytes: readBytes('process.constrainedMemory', () => process.constrainedMemory()),
    heapSizeLimitBytes: readBytes('v8.getHeapStatistics', () => getHeapStatistics().heap_size_limit),
    worker: isMainThread ? null : readResourceLimits(),
  });
}

/** The command line comes alone too: an app may change `NODE_OPTIONS` for its children before it loads us. */
function readFlagSets(): LimitFacts['flagSets'] {
  const own = parseHeapFlags(process.execArgv, process.env['NODE_OPTIONS'] ?? '');
  const less = [parseHeapFlags(process.execArgv, ''), parseHeapFlags([], '')];
  if (isMainThread) shareHeapFlags(own);
  // A worker's own arguments change nothing in V8, so they come second.
  const shared: HeapFlags | null = isMainThread ? null : readSharedHeapFlags();
  return shared === null ? [own, ...less] : [shared, own, ...less];
}

function readResourceLimits(): LimitFacts['worker'] {
  const { maxOldGenerationSizeMb = 0, maxYoungGenerationSizeMb = 0 } = resourceLimits;
  return { maxOldGenerationSizeMb, maxYoungGenerationSizeMb };
}

/** 0 where Node refuses to say: then the figure counts as unknown. */
function readBytes(what: string, read: () => number): number {
  let bytes = 0;
  quietly(what, () => {
    bytes = read();
  });
  return bytes;
}
