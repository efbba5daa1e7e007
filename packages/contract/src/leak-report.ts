import { z } from 'zod';

/** One row of the comparison, with the columns of Chrome DevTools' Comparison view. */
export const constructorDelta = z.object({
  /** Class name as DevTools shows it: `Session`, `(string)`, `{id, name}`. */
  name: z.string(),
  newCount: z.int(),
  deletedCount: z.int(),
  countDelta: z.int(),
  newSizeBytes: z.number(),
  deletedSizeBytes: z.number(),
  /** Change of the own (shallow) size. */
  sizeDeltaBytes: z.number(),
});
export type ConstructorDelta = z.output<typeof constructorDelta>;

/** One object on the way from the GC roots to the culprit. */
export const retainerStep = z.object({
  /** How the object before holds this one: `.sessions`, `[“a”]`, `store, in closure scope`; null at the root. */
  edge: z.string().nullable(),
  /** Class name of the object. */
  name: z.string(),
  /** Where the class or function is defined, when the snapshot tells it: `shop.js:41`. */
  source: z.string().nullable(),
  /** Heap object id (`@123` in DevTools). */
  nodeId: z.number(),
  selfSizeBytes: z.number(),
  retainedSizeBytes: z.number(),
  /** `root`, `holder`, `accumulator` (where the growth collects) or `culprit` (one of the many). */
  role: z.enum(['root', 'holder', 'accumulator', 'culprit']),
});
export type RetainerStep = z.output<typeof retainerStep>;

export const confidence = z.enum(['high', 'medium', 'low']);

export const leakSuspect = z.object({
  /** The class that grows. */
  constructor: z.string(),
  source: z.string().nullable(),
  newCount: z.int(),
  deletedCount: z.int(),
  countDelta: z.int(),
  /** Growth of what the class's instances retain under the accumulator. */
  retainedDeltaBytes: z.number(),
  /** retainedDeltaBytes / growth of the whole heap. Unit: 1. */
  shareOfGrowthRatio: z.number(),
  confidence,
  /** The reason of the confidence, with its numbers. */
  confidenceReason: z.string(),
  /** Root first, culprit last. */
  retainerPath: z.array(retainerStep),
  /** The holder in a few words: `SessionStore.sessions`. */
  holder: z.string(),
});
export type LeakSuspect = z.output<typeof leakSuspect>;

export const snapshotFacts = z.object({
  fileName: z.string(),
  fileSizeBytes: z.number(),
  nodeCount: z.int(),
  edgeCount: z.int(),
  /** Sum of all self sizes. */
  heapSizeBytes: z.number(),
});
export type SnapshotFacts = z.output<typeof snapshotFacts>;

/** A class in one snapshot. */
export const constructorSummary = z.object({
  name: z.string(),
  count: z.int(),
  selfSizeBytes: z.number(),
  retainedSizeBytes: z.number(),
});
export type ConstructorSummary = z.output<typeof constructorSummary>;

/** What the analysis of one capture says. With one snapshot there is no comparison and no suspect. */
export const leakReport = z.object({
  snapshots: z.array(snapshotFacts).min(1),
  /** Largest size delta first; empty with one snapshot. */
  constructors: z.array(constructorDelta),
  /** The newest snapshot, largest retained size first, at most 50 rows. */
  summary: z.array(constructorSummary),
  /** Growth of the whole heap from first to last snapshot. */
  growthBytes: z.number(),
  suspect: leakSuspect.nullable(),
});
export type LeakReport = z.output<typeof leakReport>;

/** A place that allocates, from a heap sampling profile. A profile says who allocates, not who holds. */
export const allocationSite = z.object({
  functionName: z.string(),
  /** `shop.js:41`; null for V8's own frames. */
  source: z.string().nullable(),
  /** Sampled bytes allocated here and still alive. */
  selfSizeBytes: z.number(),
  /** The same, callees included. */
  totalSizeBytes: z.number(),
  /** Functions from the outermost caller to this one, as `fill (shop.js:6)`. */
  stack: z.array(z.string()),
});
export type AllocationSite = z.output<typeof allocationSite>;

/** What a `.heapprofile` says: live sampled allocations, largest self size first, at most 50 sites. */
export const allocationReport = z.object({ totalSizeBytes: z.number(), sites: z.array(allocationSite) });
export type AllocationReport = z.output<typeof allocationReport>;
