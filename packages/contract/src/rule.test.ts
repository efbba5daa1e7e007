import { describe, expect, it } from 'vitest';
import { isFloorRuleMet } from './rule.ts';

describe('isFloorRuleMet', () => {
  it('is not met by one sample, however long ago it began', () => {
    expect(isFloorRuleMet({ streak: 1, criticalStreak: 1, durationSeconds: 0 }, 15)).toBe(false);
  });

  it('is met by two samples one interval apart', () => {
    expect(isFloorRuleMet({ streak: 2, criticalStreak: 0, durationSeconds: 15 }, 15)).toBe(true);
  });

  it('is not met by two samples closer than one interval', () => {
    expect(isFloorRuleMet({ streak: 9, criticalStreak: 1, durationSeconds: 14.9 }, 15)).toBe(false);
  });

  it('is met at once by two samples above the critical ratio', () => {
    expect(isFloorRuleMet({ streak: 2, criticalStreak: 2, durationSeconds: 0.1 }, 15)).toBe(true);
  });
});
