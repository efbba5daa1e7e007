import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { calmAfterMs, isCalm, NO_GCS, nextGcPace } from './gc-pace.ts';

describe('nextGcPace', () => {
  it('is not calm after one collection', () => {
    expect(isCalm(NO_GCS)).toBe(true);
    expect(isCalm(nextGcPace(NO_GCS, 1, 1000))).toBe(false);
  });

  it('is calm again five seconds after a storm, however long that was', () => {
    const storm = nextGcPace(NO_GCS, 100_000, 1000);
    expect(calmAfterMs(storm)).toBe(5000);
    expect(isCalm(nextGcPace(storm, 0, 5900))).toBe(false);
    expect(isCalm(nextGcPace(storm, 0, 6000))).toBe(true);
  });

  it('is calm after the time that it says, and survives a clock that goes backwards', () => {
    const batch = fc.record({ count: fc.nat(1000), nowMs: fc.integer({ min: -1e6, max: 1e6 }) });
    fc.assert(
      fc.property(fc.array(batch), (batches) => {
        const pace = batches.reduce((last, { count, nowMs }) => nextGcPace(last, count, nowMs), NO_GCS);
        expect(pace.level).toBeGreaterThanOrEqual(0);
        expect(isCalm(nextGcPace(pace, 0, pace.atMs + calmAfterMs(pace) + 1))).toBe(true);
      }),
    );
  });
});
