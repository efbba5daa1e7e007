import { describe, expect, it } from 'vitest';
import { hasSamplePerIteration, startDelayHistogram } from './delay-histogram.ts';

describe('hasSamplePerIteration', () => {
  it.each([
    ['v22.23.3', false],
    ['v24.18.9', false],
    ['v24.19.0', true],
    ['v25.9.0', false],
    ['v26.4.9', false],
    ['v26.5.0', true],
    ['v26.10.0', true],
    ['v27.0.0', true],
  ])('of %s is %s', (version, expected) => {
    expect(hasSamplePerIteration(version)).toBe(expected);
  });
});

describe('startDelayHistogram', () => {
  it('takes the period of its timer off where the histogram reports it', () => {
    const slow = startDelayHistogram('v22.23.3');
    const exact = startDelayHistogram('v26.10.0');
    slow.histogram.disable();
    exact.histogram.disable();
    expect([slow.periodMs, exact.periodMs]).toEqual([50, 0]);
  });
});
