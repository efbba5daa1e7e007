import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignMajors } from './align-majors.ts';

describe('alignMajors', () => {
  it('puts records to the entries that they end with', () => {
    expect(alignMajors([5, 9, 4], [8.9, 3.9])).toBe(1);
    expect(alignMajors([5], [4.9])).toBe(0);
  });

  it('lets durations decide when an entry is still to come', () => {
    expect(alignMajors([5, 9], [4.9, 8.9, 2.1])).toBe(0);
  });

  it('leaves out an older record that no entry belongs to', () => {
    expect(alignMajors([9], [4.9, 8.9])).toBe(-1);
  });

  it('finds the place for any durations that differ by more than their noise', () => {
    const distinct = fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { minLength: 4, maxLength: 40 });
    const edge = fc.nat(3);
    fc.assert(
      fc.property(distinct, edge, edge, (tenths, missing, ahead) => {
        const truth = tenths.map((value) => value + 1);
        const entries = truth.slice(0, truth.length - ahead);
        const records = truth.slice(missing).map((ms) => ms - 0.03);
        fc.pre(entries.length > missing && Math.abs(missing - (entries.length - records.length)) <= 3);
        expect(alignMajors(entries, records)).toBe(missing);
      }),
    );
  });
});
