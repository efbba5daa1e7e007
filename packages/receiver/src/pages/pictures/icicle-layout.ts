import type { AllocationReport, AllocationSite } from '@heapfloor/contract';
import { frameOf, isUserCode, type StackFrame } from '../findings/stack-frame.ts';

/** Deeper rows are slivers; what lies there is named by the table. */
const MAX_DEPTH = 7;
/** Narrower frames are a line, not a frame. Unit: 1. */
const SMALLEST_FRAME_RATIO = 0.005;

/** A function on a call path, with the sampled bytes that it and its callees keep alive. */
export interface IcicleFrame {
  readonly name: string;
  readonly source: string | null;
  readonly bytes: number;
  /** Row, from the whole at 0 down to callees. */
  readonly depth: number;
  /** Left edge and width as shares of the whole. */
  readonly x: number;
  readonly width: number;
  /** On the path that most bytes take. */
  readonly isHot: boolean;
}

interface TreeNode extends StackFrame {
  bytes: number;
  readonly children: Map<string, TreeNode>;
}

/** Frames of the sites' call paths, callers above, the largest first; the first frame is the whole. */
export function layoutIcicle({ sites, totalSizeBytes }: AllocationReport): readonly IcicleFrame[] {
  const root = buildTree(sites);
  const total = Math.max(totalSizeBytes, root.bytes, 1);
  const frames: IcicleFrame[] = [
    {
      name: 'all allocations still alive',
      source: null,
      bytes: total,
      depth: 0,
      x: 0,
      width: 1,
      isHot: false,
    },
  ];
  const place = (node: TreeNode, depth: number, fromX: number, isHot: boolean): void => {
    const children = [...node.children.values()].toSorted((a, b) => b.bytes - a.bytes);
    let x = fromX;
    children.forEach((child, index) => {
      const width = child.bytes / total;
      if (width < SMALLEST_FRAME_RATIO || depth > MAX_DEPTH) return;
      const shown = skipPassThrough(child);
      const hot = isHot && index === 0;
      frames.push({
        name: shown.name,
        source: shown.source,
        bytes: child.bytes,
        depth,
        x,
        width,
        isHot: hot,
      });
      place(shown, depth + 1, x, hot);
      x += width;
    });
  };
  place(root, 1, 0, true);
  return frames;
}

function buildTree(sites: readonly AllocationSite[]): TreeNode {
  const root = node({ name: '', source: null });
  for (const site of sites) {
    root.bytes += site.selfSizeBytes;
    let at = root;
    for (const text of pathOf(site)) {
      const child = at.children.get(text) ?? node(frameOf(text, sites));
      at.children.set(text, child);
      child.bytes += site.selfSizeBytes;
      at = child;
    }
  }
  return root;
}

/** The stack as V8 gives it, without the root and idle frames that every path begins with. */
function pathOf({ stack, functionName }: AllocationSite): readonly string[] {
  const named = stack.filter((text) => text !== '' && text !== '(root)');
  return named.length > 0 ? named : [functionName];
}

/** Foreign code that hands all its bytes on to one callee says nothing of its own: the callee stands for both. */
function skipPassThrough(from: TreeNode): TreeNode {
  let at = from;
  for (;;) {
    const [only, ...others] = at.children.values();
    const passes =
      only !== undefined && others.length === 0 && only.bytes === at.bytes && !isUserCode(at.source);
    if (!passes) return at;
    at = only;
  }
}

function node(frame: StackFrame): TreeNode {
  return { ...frame, bytes: 0, children: new Map() };
}
