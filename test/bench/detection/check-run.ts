import { FLOOR_THRESHOLD_RATIO } from '@heapfloor/contract/rule';
import { shouldFloorRuleFire, type CorpusProgram } from '../../corpus/manifest.ts';
import { breachSpans } from './gc-trace.ts';
import type { ProgramRun } from './run-program.ts';
import { SAMPLE_INTERVAL_SECONDS } from './sample.ts';

const MIB = 1024 * 1024;
/** A native leak that does not reach this share of the limit is none. */
const NATIVE_LEAK_RATIO = 1;

/** What V8 printed of a run, in the terms of the manifest. */
export interface TracedFacts {
  readonly peakFloorRatio: number;
  /** The longest; 0 without a breach. */
  readonly breachSeconds: number;
  readonly breachCount: number;
  readonly worstLateSeconds: number;
}

export function traceFacts(program: CorpusProgram, run: ProgramRun): TracedFacts {
  const spans = breachSpans(run.majors, FLOOR_THRESHOLD_RATIO * program.limitMib);
  return {
    peakFloorRatio: Math.max(0, ...run.majors.map(({ usedMib }) => usedMib)) / program.limitMib,
    breachSeconds: Math.max(0, ...spans),
    breachCount: spans.length,
    worstLateSeconds: Math.max(0, ...run.samples.map(({ lateSeconds }) => lateSeconds)),
  };
}

/**
 * Why this run proves nothing: the program did not do what the manifest declares, by V8's own record of the same run, or
 * the machine starved it. Empty for a valid run. No rule is asked.
 */
export function checkRun(program: CorpusProgram, run: ProgramRun): string[] {
  const facts = traceFacts(program, run);
  return [
    ...checkOutcome(program, run),
    ...checkFloor(program, facts),
    ...checkNative(program, run),
    ...checkSampling(run, facts),
  ];
}

function checkOutcome(program: CorpusProgram, run: ProgramRun): string[] {
  const wanted = shouldFloorRuleFire(program) ? 'oom' : 'ended';
  return run.outcome === wanted ? [] : [`${run.outcome}, declared ${wanted} (exit ${run.exit})`];
}

function checkFloor(program: CorpusProgram, facts: TracedFacts): string[] {
  const problems: string[] = [];
  const [lowest, highest] = program.peakFloorRatio;
  if (facts.peakFloorRatio < lowest || facts.peakFloorRatio > highest) {
    problems.push(`peak floor ${facts.peakFloorRatio.toFixed(3)}, declared ${lowest} to ${highest}`);
  }
  if (program.breachSeconds === null) {
    if (facts.breachCount > 0) problems.push(`${facts.breachCount} breaches, declared none`);
    return problems;
  }
  const [shortest, longest] = program.breachSeconds;
  if (facts.breachCount === 0 || facts.breachSeconds < shortest || facts.breachSeconds > longest) {
    problems.push(`breach of ${facts.breachSeconds.toFixed(1)} s, declared ${shortest} to ${longest} s`);
  }
  return problems;
}

function checkNative({ what, limitMib }: CorpusProgram, { samples }: ProgramRun): string[] {
  if (what !== 'native') return [];
  const mib = Math.max(0, ...samples.map(({ arrayBuffers }) => arrayBuffers)) / MIB;
  return mib >= NATIVE_LEAK_RATIO * limitMib
    ? []
    : [`${mib.toFixed(0)} MiB of array buffers are no native leak`];
}

function checkSampling({ samples }: ProgramRun, { worstLateSeconds }: TracedFacts): string[] {
  if (samples.length === 0) return ['no sample'];
  const isStarved = worstLateSeconds > SAMPLE_INTERVAL_SECONDS / 2;
  return isStarved ? [`a sample came ${worstLateSeconds.toFixed(1)} s late: the machine was too busy`] : [];
}
