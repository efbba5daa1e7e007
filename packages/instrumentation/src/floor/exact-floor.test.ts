import { afterEach, describe, expect, it } from 'vitest';
import { forceMajorGc } from '../testing/force-gc.ts';
import { ExactFloor } from './exact-floor.ts';
import { readUsedOldBytes } from './old-space.ts';

const exact = new ExactFloor();
afterEach(() => exact.disarm());

describe('ExactFloor', () => {
  it('has nothing while it is not armed', () => {
    forceMajorGc();
    expect(exact.isArmed).toBe(false);
    expect(exact.takeMajors()).toEqual([]);
  });

  it('gives each major GC the figure of its own end, however late it is asked', () => {
    exact.arm();
    forceMajorGc();
    const before = readUsedOldBytes();
    const kept = Array.from({ length: 200_000 }, (_, index) => ({ index }));
    forceMajorGc();
    const grownBytes = readUsedOldBytes() - before;
    const [first = 0, second = 0, ...others] = exact.takeMajors();
    expect(others).toEqual([]);
    expect(second - first).toBeGreaterThan(kept.length * 16);
    expect(Math.abs(second - first - grownBytes)).toBeLessThan(200_000);
  });

  it('hands each GC over once', () => {
    exact.arm();
    forceMajorGc();
    expect(exact.takeMajors()).toHaveLength(1);
    expect(exact.takeMajors()).toHaveLength(0);
  });

  it('loses nothing when it rotates by the number of entries', () => {
    exact.arm();
    for (let count = 0; count < 3; count += 1) {
      forceMajorGc();
      exact.noteEntries(32);
    }
    expect(exact.takeMajors()).toHaveLength(3);
  });

  it('forgets what it has when it is disarmed', () => {
    exact.arm();
    forceMajorGc();
    exact.noteEntries(32);
    exact.disarm();
    exact.arm();
    expect(exact.takeMajors()).toEqual([]);
  });
});
