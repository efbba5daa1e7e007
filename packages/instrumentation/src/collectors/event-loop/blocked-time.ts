import type { DelayHistogram } from './delay-source.ts';

const NS_PER_MS = 1e6;
/** So many of the largest values are read one by one; of more, so many stand for all. */
const MAX_READS = 64;

/**
 * Time by which delays exceeded the threshold, summed. Read from the tail of the histogram: one read without a block,
 * else one per block. Exact up to 64 blocks but for the resolution of the histogram (0.1 %).
 */
export function sumAboveMs(histogram: DelayHistogram, thresholdMs: number): number {
  const { count } = histogram;
  if (count === 0 || histogram.max / NS_PER_MS <= thresholdMs) return 0;
  const excessMs = (rank: number): number => largestMs(histogram, count, rank) - thresholdMs;
  let sumMs = 0;
  for (let rank = 1; rank <= Math.min(count, MAX_READS); rank += 1) {
    const excess = excessMs(rank);
    if (excess <= 0) return sumMs;
    sumMs += excess;
  }
  if (count <= MAX_READS) return sumMs;
  const blockCount = countPositive(excessMs, count);
  return blockCount === MAX_READS ? sumMs : estimateSum(excessMs, blockCount);
}

/** The value that has so many at or above it. 0.75, because Node adds 0.5 and cuts: a rank that is a hair too low. */
function largestMs(histogram: DelayHistogram, count: number, rank: number): number {
  return histogram.percentile((100 * (count - rank + 0.75)) / count) / NS_PER_MS;
}

/** How many of the ranks from 64 up to `count` have an excess; it falls with the rank. */
function countPositive(excessMs: (rank: number) => number, count: number): number {
  let known = MAX_READS;
  let above = count + 1;
  while (above - known > 1) {
    const middle = Math.floor((known + above) / 2);
    if (excessMs(middle) > 0) known = middle;
    else above = middle;
  }
  return known;
}

/** The middle of each of 64 equal parts stands for its part. */
function estimateSum(excessMs: (rank: number) => number, blockCount: number): number {
  let sumMs = 0;
  for (let part = 0; part < MAX_READS; part += 1) {
    sumMs += excessMs(1 + Math.floor(((part + 0.5) * blockCount) / MAX_READS));
  }
  return (sumMs * blockCount) / MAX_READS;
}
