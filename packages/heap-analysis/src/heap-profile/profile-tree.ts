import { z } from 'zod';
import { HeapAnalysisError } from '../errors.ts';

/** One call in the tree of V8's sampling heap profiler (`HeapProfiler.SamplingHeapProfileNode` of the protocol). */
const profileNode = z.object({
  callFrame: z.object({
    functionName: z.string(),
    url: z.string(),
    /** From 0; -1 for V8's own frames. */
    lineNumber: z.int(),
    columnNumber: z.int(),
  }),
  selfSize: z.number().min(0),
  children: z.array(z.unknown()),
});

export interface ProfileNode {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
  readonly selfSizeBytes: number;
  /** Index of the caller; -1 for the head. */
  readonly parent: number;
}

/** Deeper than any stack that V8 records; a file may nest as it likes. */
const MAX_DEPTH = 4096;

interface Pending {
  readonly value: unknown;
  readonly parent: number;
  readonly depth: number;
}

/** The calls of a profile, every caller before its callees. The tree may be deep, so no recursion. */
export function parseProfileTree(profile: unknown): ProfileNode[] {
  const head = (profile as { head?: unknown } | null)?.head;
  if (typeof profile !== 'object' || head === undefined)
    throw notAProfile(`a member "head", saw ${describe(profile)}`);
  const nodes: ProfileNode[] = [];
  const pending: Pending[] = [{ value: head, parent: -1, depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const parsed = profileNode.safeParse(next.value);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw notAProfile(
        `a call with ${issue?.path.join('.') ?? ''} (${issue?.message ?? ''}) at node ${nodes.length}`,
      );
    }
    if (next.depth > MAX_DEPTH) throw notAProfile(`stacks of at most ${MAX_DEPTH} calls`);
    const { callFrame, selfSize, children } = parsed.data;
    const index = nodes.push({ ...callFrame, selfSizeBytes: selfSize, parent: next.parent }) - 1;
    for (const value of children) pending.push({ value, parent: index, depth: next.depth + 1 });
  }
  return nodes;
}

export function notAProfile(expected: string, cause?: unknown): HeapAnalysisError {
  const message = `not a sampling heap profile: expected ${expected}; give a .heapprofile of --heap-prof or HeapProfiler.stopSampling`;
  return new HeapAnalysisError('HEAP_ANALYSIS_NOT_A_PROFILE', message, cause === undefined ? {} : { cause });
}

/** Names of the members only: the values may be anything. */
function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : `a ${typeof value}`;
  const names = Object.keys(value)
    .slice(0, 5)
    .map((name) => name.slice(0, 40));
  return Array.isArray(value) ? 'an array' : `an object with ${names.join(', ') || 'no member'}`;
}
