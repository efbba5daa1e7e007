import type { LeakSuspect } from '@heapfloor/contract';

export interface ConfidenceFacts {
  readonly newCount: number;
  readonly deletedCount: number;
  readonly shareOfGrowthRatio: number;
  /** retainedDeltaBytes / size of the newer heap. */
  readonly shareOfHeapRatio: number;
  readonly isChain: boolean;
  /** How many of the class there were in each snapshot, oldest first. */
  readonly counts: readonly number[];
}

const LEVELS = ['low', 'medium', 'high'] as const;

/**
 * Rules that can be checked by hand. Half of all growth in one place, by many objects of which hardly one went, is what a
 * leak looks like and a cache that fills does too: hence a third snapshot says more than any figure of two.
 */
export function rateConfidence(facts: ConfidenceFacts): Pick<LeakSuspect, 'confidence' | 'confidenceReason'> {
  const { newCount, deletedCount, shareOfGrowthRatio, shareOfHeapRatio, isChain, counts } = facts;
  const trend = describeTrend(counts);
  const level = Math.min(2, Math.max(0, baseLevel(facts) + trend.step));
  const parts = [
    `${percent(shareOfGrowthRatio)} of the growth`,
    `${count(newCount)} came, ${count(deletedCount)} went`,
    ...(shareOfHeapRatio < LARGE_HEAP_SHARE ? [`only ${percent(shareOfHeapRatio)} of the heap`] : []),
    ...(isChain ? ['linked to each other, so the first link stands for all'] : []),
    trend.text,
  ];
  return { confidence: LEVELS[level]!, confidenceReason: parts.join('; ') };
}

const LARGE_HEAP_SHARE = 0.01;

function baseLevel(facts: ConfidenceFacts): number {
  const { newCount, deletedCount, shareOfGrowthRatio, shareOfHeapRatio, isChain } = facts;
  const isMost = shareOfGrowthRatio >= 0.5 && newCount >= 100 && deletedCount <= newCount / 10;
  if (isMost && shareOfHeapRatio >= LARGE_HEAP_SHARE && !isChain) return 2;
  const isMuch = shareOfGrowthRatio >= 0.3 && newCount >= 30 && deletedCount <= newCount / 4;
  return isMuch ? 1 : 0;
}

function describeTrend(counts: readonly number[]): { step: number; text: string } {
  if (counts.length < 3)
    return { step: 0, text: 'two snapshots: a cache that fills for the first time looks the same' };
  const steps = counts.slice(1).map((value, at) => value - counts[at]!);
  const grown = steps.filter((step) => step > 0).length;
  const isSteady = grown === steps.length;
  return { step: isSteady ? 1 : -1, text: `grew in ${grown} of ${steps.length} steps` };
}

function percent(ratio: number): string {
  const value = ratio * 100;
  return `${value < 1 ? value.toFixed(1) : Math.round(value)} %`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
