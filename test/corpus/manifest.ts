/**
 * Programs with a declared truth, one file each under `programs/`. They know nothing of what watches them. Every leak
 * has a rate of its own: from 75 % of the limit to death it takes between 6 and 40 s.
 *
 * The limits are 10 to 40 times smaller than in production, so the young generation is made smaller with them: V8 takes
 * 0.4 to 3 % of its default limit for a semi-space, here it is 2 %. With the default of a large host (64 MiB on Node 24)
 * beside a limit of 100 MiB, Node 24 dies at floors from 81 % on, because the limit bounds the live young bytes too; of
 * 17 leaks our rule then found 14 and the naive one 13 (on Node 26: 17 and 16). Programs that are about the young
 * generation have a larger one, or V8's own beside a limit of 400 MiB.
 *
 * Held out: never looked at when a constant of a rule is chosen. Their sizes were set to the declared truth by
 * `--trace-gc` alone, without asking any rule.
 */

export interface CorpusProgram {
  /** Its file is `programs/<name>.ts`. */
  readonly name: string;
  readonly verdict: 'leak' | 'healthy';
  /** What leaks or what the program fills: `native` is outside of the JS heap, `handles` keep their JS side in it. */
  readonly what: 'heap' | 'native' | 'handles';
  readonly why: string;
  readonly isHeldOut: boolean;
  /** `--max-old-space-size`. */
  readonly limitMib: number;
  /** `--max-semi-space-size`; null: V8's own choice. */
  readonly semiSpaceMib: number | null;
  /** Of a run on an idle machine, on Node 26. */
  readonly expectedSeconds: number;
  /** Bounds of the highest floor by `--trace-gc`, divided by the limit. */
  readonly peakFloorRatio: readonly [lowest: number, highest: number];
  /** Bounds of the longest time from the first to the last major GC above the threshold; null where it is never above. */
  readonly breachSeconds: readonly [shortest: number, longest: number] | null;
}

/** The floor rule's truth: a native leak never moves the floor, and another signal covers it. */
export function shouldFloorRuleFire({ verdict, what }: CorpusProgram): boolean {
  return verdict === 'leak' && what !== 'native';
}

export const CORPUS: readonly CorpusProgram[] = [
  leak('leak-session-map', 34, 'a Map of sessions without expiry'),
  leak('leak-audit-array', 51, 'an array that is only pushed to'),
  leak('leak-closure', 21, 'undo closures, each with a whole state'),
  leak('leak-listeners', 38, 'a listener per request on a global emitter'),
  leak('leak-intervals', 46, 'an interval per client, never cleared'),
  leak('leak-pending-promises', 27, 'promises that never settle, with what they close over'),
  leak('leak-cache-without-bound', 50, 'a Map and a Set that never evict'),
  leak('leak-rope', 20, 'one text that grows by +='),
  leak('leak-async-context', 42, 'a request context kept by a poll that never ends'),
  leak('leak-request-objects', 39, 'all HTTP requests kept "for debugging"'),
  { ...leak('leak-sockets', 24, 'connections that nobody closes, with their history'), what: 'handles' },
  {
    ...healthy('leak-native-buffers', 26, 'Buffers outside of the JS heap', [0.2, 0.5]),
    verdict: 'leak',
    what: 'native',
  },
  heldOut({
    ...leak('leak-message-ports', 42, 'message ports that nobody closes, with their tasks'),
    what: 'handles',
    limitMib: 150,
  }),
  heldOut(leak('leak-label-dictionary', 40, 'an object with a new key per visitor')),
  heldOut(leak('leak-in-bursts', 23, 'a report kept every few seconds, nothing in between')),
  heldOut(leak('leak-slow-consumer', 41, 'a queue that is filled faster than emptied')),
  heldOut(leak('leak-error-chain', 52, 'each error is the cause of the next')),
  heldOut(leak('leak-sliced-strings', 26, 'short slices that keep long texts')),
  heldOut({
    ...leak('leak-large-heap', 38, 'results kept per query, with a large young generation'),
    limitMib: 400,
    semiSpaceMib: null,
  }),

  healthy('healthy-lru-cache', 32, 'a cache that fills to its bound', [0.5, 0.6]),
  {
    ...healthy('healthy-young-garbage', 26, 'large young garbage', [0.55, 0.68]),
    limitMib: 128,
    semiSpaceMib: 16,
  },
  healthy('healthy-sawtooth', 28, 'collects and drops, again and again', [0.5, 0.7]),
  healthy('healthy-warm-up', 30, 'fills its tables and stays there', [0.55, 0.7]),
  breach('healthy-warm-up-breach', 25, 'source and index at once while it warms up', [0.78, 0.88]),
  breach('healthy-batch-breach', 29, 'three batches, each of two seconds', [0.78, 0.88]),
  breach('healthy-burst-breach', 20, 'a burst of slow requests', [0.78, 0.88]),
  healthy('healthy-idle', 26, 'data and no work', [0.35, 0.6]),
  breach('healthy-idle-after-peak', 28, 'a short peak and then no GC that says it is over', [0.78, 0.88]),
  healthy('healthy-server', 29, 'a steady web server', [0.5, 0.65]),
  {
    ...healthy('healthy-large-heap', 27, 'large and stable, with a large young generation', [0.6, 0.7]),
    limitMib: 400,
    semiSpaceMib: null,
  },
  heldOut({
    ...healthy('healthy-allocation-storm', 26, 'storms of garbage', [0.55, 0.7]),
    limitMib: 128,
    semiSpaceMib: 16,
  }),
  heldOut(healthy('healthy-wide-cache', 29, 'a cache bounded close below the threshold', [0.62, 0.72])),
  heldOut(breach('healthy-cache-swap', 27, 'the old and the new cache at once', [0.78, 0.89])),
  heldOut(breach('healthy-import-breach', 25, 'an import holds its whole file', [0.78, 0.88])),
  heldOut(healthy('healthy-queue-drains', 34, 'a queue that fills and drains', [0.6, 0.72])),
  heldOut(healthy('healthy-long-ramp', 34, 'grows like a leak and stops', [0.6, 0.72])),
];

function leak(name: string, expectedSeconds: number, why: string): CorpusProgram {
  return {
    ...healthy(name, expectedSeconds, why, [0.75, Number.POSITIVE_INFINITY]),
    verdict: 'leak',
    // No least: a leak that dies after one major GC above the threshold is a leak that our rule misses.
    breachSeconds: [0, Number.POSITIVE_INFINITY],
  };
}

function healthy(
  name: string,
  expectedSeconds: number,
  why: string,
  peakFloorRatio: CorpusProgram['peakFloorRatio'],
): CorpusProgram {
  return {
    name,
    verdict: 'healthy',
    what: 'heap',
    why,
    isHeldOut: false,
    limitMib: 100,
    semiSpaceMib: 2,
    expectedSeconds,
    peakFloorRatio,
    breachSeconds: null,
  };
}

/** Healthy, and above the threshold for 1 to 4 s at a time, as batches and warm-ups are. */
function breach(...declared: Parameters<typeof healthy>): CorpusProgram {
  return { ...healthy(...declared), breachSeconds: [1, 4] };
}

function heldOut(program: CorpusProgram): CorpusProgram {
  return { ...program, isHeldOut: true };
}
