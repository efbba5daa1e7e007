import { describe, expect, it } from 'vitest';
import { shouldArm } from './should-arm.ts';

describe('shouldArm', () => {
  it.each([
    ['arms at half of the limit', false, 0.5, true, true],
    ['stays off below', false, 0.49, true, false],
    ['arms after a reading that was lost', false, 0.1, false, true],
    ['stays armed between 45 and 50 %', true, 0.46, true, true],
    ['is disarmed below 45 %', true, 0.449, true, false],
    ['stays armed below 45 % while readings would be lost', true, 0.1, false, true],
  ])('%s', (_behaviour, isArmed, usedRatio, isObserverEnough, expected) => {
    expect(shouldArm({ isArmed, usedRatio, isObserverEnough })).toBe(expected);
  });
});
