import { describe, expect, it } from 'vitest';
import { rateConfidence, type ConfidenceFacts } from './confidence.ts';

const clear: ConfidenceFacts = {
  newCount: 4123,
  deletedCount: 3,
  shareOfGrowthRatio: 0.94,
  shareOfHeapRatio: 0.3,
  isChain: false,
  counts: [100, 4220],
};

describe('rateConfidence', () => {
  it.each<[string, Partial<ConfidenceFacts>]>([
    ['high', {}],
    ['medium', { shareOfGrowthRatio: 0.35 }],
    ['medium', { isChain: true }],
    ['medium', { shareOfHeapRatio: 0.005 }],
    ['medium', { newCount: 60, deletedCount: 0 }],
    ['medium', { deletedCount: 900 }],
    ['low', { deletedCount: 2000 }],
    ['low', { shareOfGrowthRatio: 0.25 }],
    ['low', { newCount: 12, deletedCount: 0 }],
    ['high', { shareOfGrowthRatio: 0.35, counts: [100, 2000, 4220] }],
    ['medium', { counts: [100, 4300, 4220] }],
    ['low', { shareOfGrowthRatio: 0.35, counts: [100, 4300, 4220] }],
  ])('is %s for %o', (confidence, facts) => {
    expect(rateConfidence({ ...clear, ...facts }).confidence).toBe(confidence);
  });

  it('gives its reason with the numbers', () => {
    expect(rateConfidence(clear).confidenceReason).toBe(
      '94 % of the growth; 4,123 came, 3 went; two snapshots: a cache that fills for the first time looks the same',
    );
    const facts = { ...clear, shareOfHeapRatio: 0.004, isChain: true, counts: [1, 2, 3, 2] };
    expect(rateConfidence(facts).confidenceReason).toBe(
      '94 % of the growth; 4,123 came, 3 went; only 0.4 % of the heap; linked to each other, so the first link stands for all; grew in 2 of 3 steps',
    );
  });
});
