import * as fc from 'fast-check';
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

  it('takes underscores for dashes, and one dash for two', () => {
    expect(parseHeapFlags(['--max_old_space_size=90'], '').maxOldSpaceSize).toBe(90);
    expect(parseHeapFlags(['-max-old-space-size=90'], '').maxOldSpaceSize).toBe(90);
  });

  it('lets the command line beat NODE_OPTIONS, and the last one beat the first', () => {
    expect(parseHeapFlags(['--max-old-space-size=90'], '--max-old-space-size=70').maxOldSpaceSize).toBe(90);
    const twice = ['--max-old-space-size=90', '--max-old-space-size=80'];
    expect(parseHeapFlags(twice, '').maxOldSpaceSize).toBe(80);
  });

  it.each(['--max-old-space-size=0', '--max-old-space-size=', '--max-old-space-size=x'])(
    'takes %s as not set, even after a size',
    (flag) => {
      expect(parseHeapFlags(['--max-old-space-size=90', flag], '').maxOldSpaceSize).toBeNull();
    },
  );

  it('reads a percentage from the next argument too', () => {
    expect(parseHeapFlags(['--max-old-space-size-percentage', '1.5'], '').maxOldSpaceSizePercentage).toBe(
      1.5,
    );
    const { maxOldSpaceSizePercentage } = parseHeapFlags([], '--max-old-space-size-percentage 1.5');
    expect(maxOldSpaceSizePercentage).toBe(1.5);
  });

  it.each(['--lite-mode', '--optimize-for-size'])(
    'knows that %s makes the young generation small',
    (flag) => {
      expect(parseHeapFlags([flag], '').smallYoung).toBe(true);
    },
  );

  it.each(['--no-lite-mode', '--nolite-mode', '--no_lite_mode'])('lets %s undo a mode', (flag) => {
    expect(parseHeapFlags(['--lite-mode', flag], '').smallYoung).toBe(false);
    expect(parseHeapFlags([flag, '--lite-mode'], '').smallYoung).toBe(true);
  });

  it('does not take an argument of another option for a flag', () => {
    expect(parseHeapFlags(['--title', 'max-old-space-size=90'], '').maxOldSpaceSize).toBeNull();
  });

  it('never throws, and each size is null or a positive number', () => {
    const pieces = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('--max-old-space-size', '-', '_', '=', '"', '\\', ' ', '--no', '1e999', '0x10', 'NaN'),
    );
    const text = fc.array(pieces).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(text), text, (execArgv, nodeOptions) => {
        const { minorMs, smallYoung, ...sizes } = parseHeapFlags(execArgv, nodeOptions);
        expect([typeof minorMs, typeof smallYoung]).toEqual(['boolean', 'boolean']);
        for (const size of Object.values(sizes).filter((one) => one !== null))
          expect(size > 0 && Number.isFinite(size)).toBe(true);
      }),
    );
  });
});

describe('splitNodeOptions', () => {
  it('splits at spaces, not inside double quotes, where a backslash escapes', () => {
    expect(splitNodeOptions(' --a=1  --b="x y" "--c=\\"q\\"" ')).toEqual(['--a=1', '--b=x y', '--c="q"']);
  });

  it('takes a backslash outside quotes for itself', () => {
    expect(splitNodeOptions('--a=C:\\x')).toEqual(['--a=C:\\x']);
  });

  it('gives back any words that were quoted', () => {
    const word = fc.string({ unit: 'binary', minLength: 1 });
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const quoted = words.map((one) => `"${one.replaceAll(/["\\]/g, (char) => `\\${char}`)}"`);
        expect(splitNodeOptions(quoted.join(' '))).toEqual(words);
      }),
    );
  });
});
