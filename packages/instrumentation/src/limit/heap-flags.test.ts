import { describe, expect, it } from 'vitest';
import { parseHeapFlags, splitNodeOptions } from './heap-flags.ts';

describe('parseHeapFlags', () => {
  it('finds nothing where nothing is set', () => {
    expect(parseHeapFlags([], '')).toEqual({
      maxOldSpaceSize: null,
      maxOldSpaceSizePercentage: null,
      maxHeapSize: null,
      maxSemiSpaceSize: null,
      minorMs: false,
      smallYoung: false,
    });
  });

  it('takes underscores for dashes', () => {
    expect(parseHeapFlags(['--max_old_space_size=90'], '').maxOldSpaceSize).toBe(90);
  });

  it('lets the command line beat NODE_OPTIONS, and the last one beat the first', () => {
    expect(parseHeapFlags(['--max-old-space-size=90'], '--max-old-space-size=70').maxOldSpaceSize).toBe(90);
    const twice = ['--max-old-space-size=90', '--max-old-space-size=80'];
    expect(parseHeapFlags(twice, '').maxOldSpaceSize).toBe(80);
  });

  it('takes zero as not set, as V8 does', () => {
    expect(parseHeapFlags(['--max-old-space-size=0'], '').maxOldSpaceSize).toBeNull();
  });

  it('reads a percentage from the next argument too', () => {
    expect(parseHeapFlags(['--max-old-space-size-percentage', '1.5'], '').maxOldSpaceSizePercentage).toBe(
      1.5,
    );
  });

  it.each(['--lite-mode', '--optimize-for-size'])(
    'knows that %s makes the young generation small',
    (flag) => {
      expect(parseHeapFlags([flag], '').smallYoung).toBe(true);
    },
  );
});

describe('splitNodeOptions', () => {
  it('splits at spaces, not inside double quotes, where a backslash escapes', () => {
    expect(splitNodeOptions(' --a=1  --b="x y" "--c=\\"q\\"" ')).toEqual(['--a=1', '--b=x y', '--c="q"']);
  });
});
