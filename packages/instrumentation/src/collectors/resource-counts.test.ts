import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { updateCounts } from './resource-counts.ts';

function after(...samples: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const sample of samples) updateCounts(counts, new Map(Object.entries(sample)));
  return Object.fromEntries(counts);
}

const RESERVED = ['Timeout', 'TCPSocketWrap', 'TCPServerWrap'];

function total(values: Iterable<number>): number {
  return [...values].reduce((a, b) => a + b, 0);
}

describe('updateCounts', () => {
  it('keeps a type that vanished, as zero', () => {
    expect(after({ Timeout: 2 }, { TCPSocketWrap: 1 })).toEqual({ Timeout: 0, TCPSocketWrap: 1 });
  });

  it('names what often leaks from the first one on, and anything else from ten on', () => {
    const few = { Timeout: 1, TCPSocketWrap: 1, TCPServerWrap: 1, PipeWrap: 3, FSReqCallback: 9 };
    expect(after(few)).toEqual({ Timeout: 1, TCPSocketWrap: 1, TCPServerWrap: 1, other: 12 });
    expect(after(few, { FSEventWrap: 10 })).toMatchObject({ FSEventWrap: 10, other: 0 });
  });

  it('keeps a name for what often leaks, whatever came before', () => {
    const early = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`type${index}`, 100 + index]));
    expect(after(early)).toEqual({ type8: 108, other: 828 });
    expect(after(early, { TCPSocketWrap: 4, Timeout: 3, TCPServerWrap: 2, type0: 50 })).toEqual({
      type8: 0,
      other: 50,
      TCPSocketWrap: 4,
      Timeout: 3,
      TCPServerWrap: 2,
    });
  });

  it('never takes a name away, never has more than five, and counts everything once', () => {
    const type = fc.oneof(
      fc.constantFrom(...RESERVED, 'other', 'PipeWrap'),
      fc.string({ minLength: 1, maxLength: 2 }),
    );
    const sample = fc.uniqueArray(fc.tuple(type, fc.integer({ min: 1, max: 40 })), {
      selector: ([name]) => name,
      maxLength: 12,
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 8 }), (samples) => {
        const counts = new Map<string, number>();
        for (const one of samples) {
          const namesBefore = [...counts.keys()];
          updateCounts(counts, new Map(one));
          expect(counts.size).toBeLessThanOrEqual(5);
          expect([...counts.keys()].slice(0, namesBefore.length)).toEqual(namesBefore);
          expect(total(counts.values())).toBe(total(one.map(([, count]) => count)));
          const reserved = one.filter(([name]) => RESERVED.includes(name));
          expect(reserved.map(([name]) => [name, counts.get(name)])).toEqual(reserved);
        }
      }),
    );
  });
});
