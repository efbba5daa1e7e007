import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { calmAfterMs, isCalm, NO_GCS, nextGcPace, type GcPace } from './gc-pace.ts';

describe('nextGcPace', () => {
  it('is calm at one collection in five seconds and not at one in two', () => {
    expect(isCalm(steadyPace(0.2))).toBe(true);
    expect(isCalm(steadyPace(0.5))).toBe(false);
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

/** A minute of it. */
function steadyPace(perSecond: number): GcPace {
  const times = Array.from({ length: 60 * perSecond }, (_, index) => (index * 1000) / perSecond);
  return times.reduce((pace, nowMs) => nextGcPace(pace, 1, nowMs), NO_GCS);
}
