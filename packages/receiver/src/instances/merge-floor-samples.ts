import type { FloorSample } from '@heapfloor/contract';

/** What the capture record holds at most. */
const MAX_SAMPLES = 500;

/** The samples of both lists once each, oldest first: memory may have been lost between alert and completion. */
export function mergeFloorSamples(
  earlier: readonly FloorSample[],
  later: readonly FloorSample[],
): FloorSample[] {
  const byTime = new Map([...earlier, ...later].map((sample) => [new Date(sample.at).getTime(), sample]));
  return [...byTime]
    .toSorted(([left], [right]) => left - right)
    .slice(-MAX_SAMPLES)
    .map(([, sample]) => sample);
}
