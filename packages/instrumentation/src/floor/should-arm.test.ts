import { describe, expect, it } from 'vitest';
import { shouldArm } from './should-arm.ts';

describe('shouldArm', () => {
  it.each([
    ['arms at half of the limit', false, 0.5, true, false, true],
    ['stays off below', false, 0.49, true, false, false],
    ['arms below while GCs are rare', false, 0.1, true, true, true],
    ['arms after a reading that was lost', false, 0.1, false, false, true],
    ['stays armed between 45 and 50 %', true, 0.46, true, false, true],
    ['is disarmed below 45 %', true, 0.449, true, false, false],
    ['stays armed below 45 % while readings would be lost', true, 0.1, false, false, true],
  ])('%s', (_behaviour, isArmed, usedRatio, isObserverEnough, isCalm, expected) => {
    expect(shouldArm({ isArmed, usedRatio, isObserverEnough, isCalm })).toBe(expected);
  });
});
