import { performance } from 'node:perf_hooks';
import v8 from 'node:v8';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { forceMajorGc } from '../testing/force-gc.ts';
import { program, runNode } from '../testing/run-node.ts';
import { ExactFloor } from './exact-floor.ts';
import { readUsedOldBytes } from './old-space.ts';

const exact = new ExactFloor();
afterEach(() => exact.disarm());

describe('ExactFloor', () => {
  it('has nothing while it is not armed', () => {
    forceMajorGc();
    expect(exact.isArmed).toBe(false);
    expect(exact.takeMajors(1)).toEqual([]);
  });

  it('gives each major GC the figure of its own end, however late it is asked', () => {
    exact.arm();
    forceMajorGc();
    const before = readUsedOldBytes();
    const kept = Array.from({ length: 200_000 }, (_, index) => ({ index }));
    forceMajorGc();
    const grownBytes = readUsedOldBytes() - before;
    const [first = 0, second = 0, ...others] = exact.takeMajors(2).map(({ bytes }) => bytes);
    expect(others).toEqual([]);
    expect(second - first).toBeGreaterThan(kept.length * 16);
    expect(Math.abs(second - first - grownBytes)).toBeLessThan(200_000);
  });

  it('hands each GC over once', () => {
    exact.arm();
    forceMajorGc();
    expect(exact.takeMajors(1)).toHaveLength(1);
    expect(exact.takeMajors(1)).toHaveLength(0);
  });

  it('loses nothing when it rotates by the number of entries', () => {
    exact.arm();
    for (let count = 0; count < 3; count += 1) {
      forceMajorGc();
      exact.noteEntries(32, performance.now());
    }
    expect(exact.takeMajors(1)).toHaveLength(3);
  });

  it('rotates with the first GC after half a minute, and only then', () => {
    const rotations: number[] = [];
    const timed = new ExactFloor((tookMs) => rotations.push(tookMs));
    timed.arm();
    forceMajorGc();
    timed.noteEntries(2, performance.now());
    expect(rotations).toHaveLength(0);
    timed.noteEntries(2, performance.now() + 30_000);
    expect(rotations).toHaveLength(1);
    expect(timed.takeMajors(0)).toHaveLength(1);
    timed.disarm();
  });

  it('leaves no profiler behind that goes on recording while there are only minor GCs', async () => {
    const run = runNode(['--expose-gc', '--conditions=@heapfloor/source', program('minor-gcs.ts')]);
    await run.exited;
    expect(run.stderr()).toBe('');
    // 2,000 GCs of 4 KB each: 40 to 90 MB were left when every second one rotated.
    expect(Number(run.stdout())).toBeLessThan(8 * 2 ** 20);
  });

  it('gives up after many GCs without a major one, and is armed again by that', () => {
    exact.arm();
    for (const entries of [32, 64, 128, 256, 511]) exact.noteEntries(entries, performance.now());
    expect(exact.isArmed).toBe(true);
    exact.noteEntries(1, performance.now());
    exact.arm();
    expect(exact.isArmed).toBe(false);
    exact.takeMajors(1);
    exact.arm();
    expect(exact.isArmed).toBe(true);
  });

  it('throws away what piled up behind a blocked loop instead of blocking it again', () => {
    exact.arm();
    forceMajorGc();
    expect(exact.takeMajors(513)).toEqual([]);
    expect(exact.isArmed).toBe(true);
    forceMajorGc();
    expect(exact.takeMajors(2)).toHaveLength(1);
  });

  it('hands over again what was put back', () => {
    exact.arm();
    forceMajorGc();
    const majors = exact.takeMajors(2);
    exact.putBack(majors);
    forceMajorGc();
    const again = exact.takeMajors(2);
    expect(again).toHaveLength(2);
    expect(again[0]).toEqual(majors[0]);
  });

  it('stays off in a runtime without the profiler', () => {
    vi.spyOn(v8.GCProfiler.prototype, 'start').mockImplementation(() => {
      throw new Error('not there');
    });
    const broken = new ExactFloor();
    broken.arm();
    vi.restoreAllMocks();
    broken.arm();
    expect(broken.isArmed).toBe(false);
    expect(broken.takeMajors(1)).toEqual([]);
  });

  it('forgets what it has when it is disarmed', () => {
    exact.arm();
    forceMajorGc();
    exact.noteEntries(32, performance.now());
    exact.disarm();
    exact.arm();
    expect(exact.takeMajors(1)).toEqual([]);
  });
});
