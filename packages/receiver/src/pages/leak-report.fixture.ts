import type { AllocationReport, LeakReport, LeakSuspect } from '@heapfloor/contract';

/** Builders of what the analysis says, with the numbers of the design's reference pages. */

export const MIB = 1024 * 1024;

/** Every object has a `constructor` by inheritance, so a plain `Partial` would take it for the wrong type. */
type SuspectDifferences = Partial<Omit<LeakSuspect, 'constructor'>>;

export function buildSuspect(differs: SuspectDifferences = {}): LeakSuspect {
  return {
    constructor: 'Session',
    source: 'src/session.js:8',
    newCount: 41_902,
    deletedCount: 694,
    countDelta: 41_208,
    retainedDeltaBytes: 37.9 * MIB,
    shareOfGrowthRatio: 0.94,
    confidence: 'high',
    confidenceReason: '41,902 came, 694 went, and one Map holds all of them',
    retainerPath: [
      step({ edge: null, name: '(GC roots)', retainedSizeBytes: 458.4 * MIB, role: 'root' }),
      step({
        edge: 'require.cache["src/server.js"]',
        name: 'Module',
        source: 'src/server.js',
        retainedSizeBytes: 361.8 * MIB,
      }),
      step({
        edge: 'store, in module scope',
        name: 'SessionStore',
        source: 'src/session-store.js:41',
        retainedSizeBytes: 355.4 * MIB,
      }),
      step({ edge: '.sessions', name: 'Map', retainedSizeBytes: 355.4 * MIB, role: 'accumulator' }),
      step({ edge: '371,214 values', name: 'Session', source: 'src/session.js:8', role: 'culprit' }),
    ],
    holder: 'SessionStore.sessions',
    ...differs,
  };
}

function step(differs: Partial<LeakSuspect['retainerPath'][number]>): LeakSuspect['retainerPath'][number] {
  return {
    edge: '.next',
    name: 'Object',
    source: null,
    nodeId: 1,
    selfSizeBytes: 64,
    retainedSizeBytes: 964,
    role: 'holder',
    ...differs,
  };
}

/** Name, # new, # deleted, new MiB, deleted MiB: the reference page's rows. */
const GROWN: readonly (readonly [string, number, number, number, number])[] = [
  ['(string)', 141_870, 9902, 11.2, 1.1],
  ['CartLine', 100_642, 1743, 8.4, 0.1],
  ['Date', 84_590, 2174, 7.7, 0.2],
  ['Session', 41_902, 694, 4.8, 0.1],
  ['Array', 91_233, 6117, 5.2, 0.6],
  ['Cart', 41_902, 694, 2.6, 0.1],
  ['(concatenated string)', 44_310, 3102, 1.4, 0.1],
  ['(compiled code)', 1204, 388, 0.9, 0.4],
  ['Buffer', 412, 301, 1.1, 0.8],
  ['{sku, price, currency}', 3914, 1827, 0.4, 0.2],
  ['(system)', 2210, 1905, 0.2, 0.1],
  ['Function', 702, 611, 0.2, 0.1],
  ['Timeout', 100, 90, 0.1, 0.1],
  ['LruEntry', 900, 2400, 0.3, 0.9],
];

/** Name, count, own MiB, retained MiB. */
const CLASSES: readonly (readonly [string, number, number, number])[] = [
  ['SessionStore', 1, 0.1, 355.4],
  ['Map', 4012, 13.8, 361],
  ['Session', 371_214, 42.5, 340.2],
  ['Cart', 371_214, 22.7, 240],
  ['Array', 402_000, 39.7, 190],
  ['CartLine', 742_000, 74.8, 150],
  ['(string)', 1_310_000, 103, 103],
  ['Date', 742_428, 68, 68],
  ['(compiled code)', 31_000, 41.2, 44],
  ['LruCache', 2, 24.6, 24.6],
  ['Socket', 1204, 12.3, 14],
];

export function buildReport(differs: Partial<LeakReport> = {}): LeakReport {
  const facts = (fileName: string, heapMiB: number): LeakReport['snapshots'][number] => ({
    fileName,
    fileSizeBytes: 588.1 * MIB,
    nodeCount: 5_920_114,
    edgeCount: 21_400_000,
    heapSizeBytes: heapMiB * MIB,
  });
  return {
    snapshots: [facts('shop-15.heapsnapshot', 418.1), facts('shop-326.heapsnapshot', 458.4)],
    constructors: GROWN.map(([name, newCount, deletedCount, newMiB, deletedMiB]) => ({
      name,
      newCount,
      deletedCount,
      countDelta: newCount - deletedCount,
      newSizeBytes: newMiB * MIB,
      deletedSizeBytes: deletedMiB * MIB,
      sizeDeltaBytes: (newMiB - deletedMiB) * MIB,
    })),
    summary: CLASSES.map(([name, count, selfMiB, retainedMiB]) => ({
      name,
      count,
      selfSizeBytes: selfMiB * MIB,
      retainedSizeBytes: retainedMiB * MIB,
    })),
    growthBytes: 40.3 * MIB,
    suspect: buildSuspect(),
    ...differs,
  };
}

/** Function, source, own MiB, MiB with callees, callers. */
const SITES: readonly (readonly [string, string | null, number, number, readonly string[]])[] = [
  ['JSON.stringify', null, 8.2, 8.2, ['(root)', 'handleRequest', 'checkout', 'priceFor', 'memoKey']],
  ['set', 'src/price-cache.js:27', 5.7, 5.7, ['(root)', 'handleRequest', 'checkout', 'priceFor']],
  ['authenticate', 'src/auth.js:14', 2.7, 2.7, ['(root)', 'handleRequest']],
  ['processTimers', 'node:internal/timers', 1.9, 1.9, ['(root)']],
  ['render', 'src/render.js:9', 1.8, 1.8, ['(root)', 'handleRequest']],
  ['loadCart', 'src/cart.js:18', 1.6, 1.6, ['(root)', 'handleRequest', 'checkout']],
  ['memoKey', 'src/price-cache.js:31', 1.2, 9.4, ['(root)', 'handleRequest', 'checkout', 'priceFor']],
  ['taxFor', 'src/tax.js:7', 0.9, 0.9, ['(root)', 'handleRequest', 'checkout']],
];

export function buildAllocations(differs: Partial<AllocationReport> = {}): AllocationReport {
  return {
    totalSizeBytes: 24.8 * MIB,
    sites: SITES.map(([functionName, source, selfMiB, totalMiB, callers]) => ({
      functionName,
      source,
      selfSizeBytes: selfMiB * MIB,
      totalSizeBytes: totalMiB * MIB,
      stack: [...callers, functionName],
    })),
    ...differs,
  };
}
