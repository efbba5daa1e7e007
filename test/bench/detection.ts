/**
 * Does the floor rule find leaks, and only leaks? Runs the labelled corpus and compares our rule with the two that are
 * in use: heapUsed above 75 % of the limit in two samples, and the minimum of heapUsed over three.
 *
 * The interval is fixed in advance (`detection/sample.ts`), the rule's numbers come from the contract, and a third of the
 * programs is held out. Each run is checked against `--trace-gc` of that run: a program that did not do what it declares
 * proves nothing, and neither does one that the machine starved. Such a run is repeated once; then the bench fails.
 */
import { CORPUS } from '../corpus/manifest.ts';
import { RULE_NAMES } from './detection/rules.ts';
import { runCorpus, type Workload } from './detection/run-corpus.ts';
import { SAMPLE_INTERVAL_SECONDS } from './detection/sample.ts';
import { scoreRule, type Score } from './detection/score.ts';
import { toTable, type Scores } from './detection/table.ts';

export const name = 'detection';

export async function run(): Promise<{ table: string[][]; results: Record<string, unknown> }> {
  const workloads = await runCorpus(CORPUS, (line) => console.error(line));
  const valid = workloads.filter(({ isValid }) => isValid);
  const all = scoreAll(valid);
  const heldOut = scoreAll(valid.filter(({ isHeldOut }) => isHeldOut));
  const invalidCount = workloads.length - valid.length;
  if (invalidCount > 0) {
    console.error(
      `${invalidCount} of ${workloads.length} programs have no valid run: the figures are without them`,
    );
    process.exitCode = 1;
  }
  return {
    table: toTable(workloads, { all, 'held out': heldOut }),
    results: { workloads, ...all, heldOut, sampleIntervalSeconds: SAMPLE_INTERVAL_SECONDS, invalidCount },
  };
}

function scoreAll(workloads: readonly Workload[]): Scores {
  const scores = RULE_NAMES.map((rule): [string, Score] => {
    const judgements = workloads.map(({ shouldFire, firedAtSeconds, diedAtSeconds }) => ({
      shouldFire,
      firedAtSeconds: firedAtSeconds[rule],
      diedAtSeconds,
    }));
    return [rule, scoreRule(judgements)];
  });
  return Object.fromEntries(scores) as Scores;
}
