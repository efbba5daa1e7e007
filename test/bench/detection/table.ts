import type { Workload } from './run-corpus.ts';
import { RULE_NAMES, type RuleName } from './rules.ts';
import type { Score } from './score.ts';

export type Scores = Readonly<Record<RuleName, Score>>;

const HEADER = ['program', 'truth', 'peak floor', 'breach', 'died', ...RULE_NAMES, 'late', 'load'];

/** One row per program: when each rule fired, as lead before the death or as a false alarm; then the scores. */
export function toTable(
  workloads: readonly Workload[],
  scores: Readonly<Record<string, Scores>>,
): string[][] {
  const programs = workloads.map(toRow);
  return [HEADER, ...programs, ...Object.entries(scores).flatMap(([title, of]) => scoreRows(title, of))];
}

function toRow(workload: Workload): string[] {
  const { name, isHeldOut, isValid, firedAtSeconds } = workload;
  return [
    `${name}${isHeldOut ? ' (held out)' : ''}${isValid ? '' : ' INVALID'}`,
    workload.verdict === 'leak' ? `${workload.what} leak` : 'healthy',
    `${(workload.peakFloorRatio * 100).toFixed(0)} %`,
    workload.breachCount === 0 ? '-' : seconds(workload.breachSeconds),
    seconds(workload.diedAtSeconds),
    ...RULE_NAMES.map((rule) => firingCell(workload, firedAtSeconds[rule])),
    `${(workload.worstLateSeconds * 1000).toFixed(0)} ms`,
    workload.load.toFixed(1),
  ];
}

function firingCell({ shouldFire, diedAtSeconds }: Workload, firedAtSeconds: number | null): string {
  if (firedAtSeconds === null) return shouldFire ? 'MISSED' : '-';
  if (!shouldFire) return `FALSE at ${seconds(firedAtSeconds)}`;
  return `${seconds(diedAtSeconds === null ? null : diedAtSeconds - firedAtSeconds)} before`;
}

/** Under the rules' columns. */
function scoreRows(title: string, scores: Scores): string[][] {
  const row = (label: string, cell: (score: Score) => string): string[] => [
    `${title}: ${label}`,
    '',
    '',
    '',
    '',
    ...RULE_NAMES.map((rule) => cell(scores[rule])),
  ];
  return [
    row('precision', ({ precision }) => ratio(precision)),
    row('recall', ({ recall }) => ratio(recall)),
    row(
      'median lead (least)',
      (score) => `${seconds(score.leadTimeSeconds)} (${seconds(score.minLeadTimeSeconds)})`,
    ),
  ];
}

function ratio(value: number | null): string {
  return value === null ? 'none' : value.toFixed(2);
}

function seconds(value: number | null): string {
  return value === null ? '-' : `${value.toFixed(1)} s`;
}
