import { describe, expect, it } from 'vitest';
import { hasSamplePerIteration, startDelaySource } from './delay-source.ts';
import { TurnSampler } from './turn-sampler.ts';

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

describe('startDelaySource', () => {
  it('takes what the Node at hand can do', () => {
    const old = startDelaySource('v22.23.3');
    const now = startDelaySource(process.version);
    expect(old).toBeInstanceOf(TurnSampler);
    expect(now instanceof TurnSampler).toBe(!hasSamplePerIteration(process.version));
    old.stop();
    now.stop();
  });
});
