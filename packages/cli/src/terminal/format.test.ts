import { describe, expect, it } from 'vitest';
import { formatClock, formatDelta, formatMiB, formatTable, plainText, sparkline } from './format.ts';

describe('formatting', () => {
  it('writes bytes as MiB with one decimal and thousands separators', () => {
    expect(formatMiB(1_234.56 * 2 ** 20)).toBe('1,234.6 MiB');
  });

  it('gives a change its sign', () => {
    expect([formatDelta(41_208), formatDelta(-3), formatDelta(0)]).toEqual(['+41,208', '-3', '0']);
  });

  it('writes elapsed time as minutes and seconds', () => {
    expect(formatClock(64_900)).toBe('1:04');
  });

  it('draws a ratio of 1 at full height and never leaves the scale', () => {
    expect(sparkline([0, 0.5, 1, 1.2, -1])).toBe('▁▅██▁');
  });

  it('takes away what a terminal would obey', () => {
    expect(plainText('a\u001B[2Jb\u0007')).toBe('a\uFFFD[2Jb\uFFFD');
  });

  it('aligns numbers to the right', () => {
    expect(
      formatTable([
        ['name', 'n'],
        ['a', '10'],
      ]),
    ).toBe('name   n\na     10');
  });
});
