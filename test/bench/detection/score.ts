/** What one rule said to one program. */
export interface Judgement {
  /** By the declared truth. */
  readonly shouldFire: boolean;
  readonly firedAtSeconds: number | null;
  /** Null for a program that did not die of a full heap. */
  readonly diedAtSeconds: number | null;
}

export interface Score {
  /** Share of the programs that it fired on which it should have; null if it fired on none. */
  readonly precision: number | null;
  /** Share of the programs it should have fired on; null if there are none. */
  readonly recall: number | null;
  /** Median time from the first firing to the death, over the leaks that it found; null if it found none. */
  readonly leadTimeSeconds: number | null;
  readonly minLeadTimeSeconds: number | null;
}

/** A program on which a rule fires at any time counts as one positive, however often it fires. */
export function scoreRule(judgements: readonly Judgement[]): Score {
  const fired = judgements.filter(({ firedAtSeconds }) => firedAtSeconds !== null);
  const wanted = judgements.filter(({ shouldFire }) => shouldFire);
  const found = fired.filter(({ shouldFire }) => shouldFire);
  const leads = found.flatMap(leadSeconds).toSorted((left, right) => left - right);
  return {
    precision: share(found.length, fired.length),
    recall: share(found.length, wanted.length),
    leadTimeSeconds: median(leads),
    minLeadTimeSeconds: leads[0] ?? null,
  };
}

function leadSeconds({ firedAtSeconds, diedAtSeconds }: Judgement): number[] {
  return firedAtSeconds === null || diedAtSeconds === null ? [] : [diedAtSeconds - firedAtSeconds];
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function median(sorted: readonly number[]): number | null {
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) return null;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
