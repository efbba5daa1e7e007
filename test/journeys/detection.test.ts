import { describe, expect, it } from 'vitest';
import { checkRun } from '../bench/detection/check-run.ts';
import { breachSpans, parseMajors } from '../bench/detection/gc-trace.ts';
import { evaluateRules } from '../bench/detection/rules.ts';
import { runCorpus } from '../bench/detection/run-corpus.ts';
import type { ProgramRun } from '../bench/detection/run-program.ts';
import type { Sample } from '../bench/detection/sample.ts';
import { scoreRule, type Judgement } from '../bench/detection/score.ts';
import { CORPUS, type CorpusProgram } from '../corpus/manifest.ts';

const MIB = 1024 * 1024;

function corpusProgram(name: string): CorpusProgram {
  const found = CORPUS.find((program) => program.name === name);
  if (found === undefined) throw new Error(`the corpus has no program ${name}`);
  return found;
}

function sample(seconds: number, usedMib: number, of: Partial<Sample> = {}): Sample {
  return {
    kind: 'sample',
    seconds,
    lateSeconds: 0,
    breach: { streak: 0, criticalStreak: 0, durationSeconds: 0 },
    floorBytes: null,
    heapUsed: usedMib * MIB,
    arrayBuffers: 0,
    limitBytes: 100 * MIB,
    ...of,
  };
}

function judgement(
  shouldFire: boolean,
  firedAtSeconds: number | null,
  diedAtSeconds: number | null,
): Judgement {
  return { shouldFire, firedAtSeconds, diedAtSeconds };
}

function floors(...pairs: [seconds: number, usedMib: number][]): ProgramRun['majors'] {
  return pairs.map(([seconds, usedMib]) => ({ seconds, usedMib }));
}

describe('the labelled corpus', () => {
  it('is large enough, and a third of it is held out', () => {
    const heldOut = CORPUS.filter(({ isHeldOut }) => isHeldOut);
    expect(new Set(CORPUS.map(({ name }) => name)).size).toBe(CORPUS.length);
    expect(CORPUS.length).toBeGreaterThanOrEqual(24);
    expect(heldOut.length).toBeGreaterThanOrEqual(CORPUS.length / 3);
    expect(new Set(heldOut.map(({ verdict }) => verdict)).size).toBe(2);
  });

  it('has a leak that the floor rule finds before it dies, and healthy ones that it leaves alone', async () => {
    const problems: string[] = [];
    const [leak, breach, sawtooth] = await runCorpus(
      ['leak-closure', 'healthy-burst-breach', 'healthy-sawtooth'].map(corpusProgram),
      (line) => problems.push(line),
    );
    expect([leak, breach, sawtooth].map((workload) => workload?.problems)).toEqual([[], [], []]);

    const firedAt = leak?.firedAtSeconds.ours ?? Number.POSITIVE_INFINITY;
    expect(leak?.diedAtSeconds).toBeGreaterThan(firedAt);
    expect(breach?.breachSeconds).toBeGreaterThanOrEqual(1);
    expect(breach?.firedAtSeconds.ours).toBeNull();
    expect(sawtooth?.breachCount).toBe(0);
    expect(sawtooth?.firedAtSeconds.ours).toBeNull();
  });
});

describe('scoreRule', () => {
  it('counts programs: two of three alarms right, two of four leaks found', () => {
    const score = scoreRule([
      judgement(true, 10, 18),
      judgement(true, 20, 22),
      judgement(true, null, 30),
      judgement(true, null, 40),
      judgement(false, 5, null),
      judgement(false, null, null),
    ]);
    expect(score).toEqual({ precision: 2 / 3, recall: 0.5, leadTimeSeconds: 5, minLeadTimeSeconds: 2 });
  });

  it('takes the middle lead of three, whatever their order', () => {
    const died = [judgement(true, 1, 10), judgement(true, 1, 3), judgement(true, 1, 5)];
    expect(scoreRule(died)).toMatchObject({ leadTimeSeconds: 4, minLeadTimeSeconds: 2 });
  });

  it('claims no precision without an alarm and no recall without a leak', () => {
    expect(scoreRule([judgement(true, null, 9)])).toMatchObject({ precision: null, recall: 0 });
    expect(scoreRule([judgement(false, null, null)])).toMatchObject({ precision: null, recall: null });
    expect(scoreRule([judgement(false, 3, null)])).toEqual({
      precision: 0,
      recall: null,
      leadTimeSeconds: null,
      minLeadTimeSeconds: null,
    });
  });
});

describe('evaluateRules', () => {
  it('fires the naive rule at the second high sample in a row and the window at the third', () => {
    const samples = [sample(5, 80), sample(10, 70), sample(15, 76), sample(20, 77), sample(25, 78)];
    expect(evaluateRules(samples)).toEqual({ ours: null, oursAt15s: null, naive: 20, minOverTime: 25 });
  });

  it('takes exactly 75 % for below', () => {
    expect(evaluateRules([sample(5, 75), sample(10, 75)]).naive).toBeNull();
  });

  it('gives the flushes to our rule alone', () => {
    const flushed = {
      kind: 'flush',
      breach: { streak: 2, criticalStreak: 0, durationSeconds: 5 },
    } as const;
    const samples = [sample(5, 80), sample(8, 80, flushed), sample(10, 70)];
    expect(evaluateRules(samples)).toEqual({ ours: 8, oursAt15s: null, naive: null, minOverTime: null });
  });

  it('does not fire ours below the span, unless it is critical', () => {
    const short = { breach: { streak: 9, criticalStreak: 1, durationSeconds: 4.9 } };
    const critical = { breach: { streak: 9, criticalStreak: 2, durationSeconds: 0.5 } };
    expect(evaluateRules([sample(5, 80, short)]).ours).toBeNull();
    expect(evaluateRules([sample(5, 80, critical)])).toMatchObject({ ours: 5, oursAt15s: 5 });
    const long = { breach: { streak: 9, criticalStreak: 0, durationSeconds: 15 } };
    expect(evaluateRules([sample(5, 80, long)]).oursAt15s).toBe(5);
  });
});

describe('the truth of a run', () => {
  it('is read from the lines of each Node', () => {
    const output = `
[1:0x1]     5338 ms: Mark-Compact 28.9 (62.1) -> 28.8 (62.1) MB, pooled: 0 MB, 1.99 / 0.00 ms  task; GC in old space requested
[1:0x1]     5400 ms: Scavenge (interleaved) 92.5 (115.0) -> 92.4 (128.0) MB, pooled: 0 MB, 9.71 / 0.00 ms  task;
[1:0x1]     6000 ms: Mark-Compact (reduce) 99.6 (128.2) -> 78.5 (104.2) MB, pooled: 0 MB, 10.98 / 0.00 ms  task;
[1:0x1]    15954 ms: Incremental Mark-Compact 80.2 (106.8) -> 79.9 (106.5) MB, pooled: 0.0 MB, 2.63 / 0.00 ms`;
    expect(parseMajors(output)).toEqual([
      { seconds: 5.338, usedMib: 28.8 },
      { seconds: 6, usedMib: 78.5 },
      { seconds: 15.954, usedMib: 79.9 },
    ]);
  });

  it('splits breaches at each major GC below', () => {
    const majors = [70, 76, 80, 75, 90, 60].map((usedMib, index) => ({ seconds: index * 2, usedMib }));
    expect(breachSpans(majors, 75)).toEqual([2, 0]);
    expect(breachSpans([], 75)).toEqual([]);
  });

  it('invalidates what was not as declared, and what was starved', () => {
    const declared = corpusProgram('healthy-burst-breach');
    const run = (of: Partial<ProgramRun>): ProgramRun => ({
      outcome: 'ended',
      exit: '0',
      samples: [sample(5, 50)],
      majors: floors([1, 50], [8, 80], [10, 82], [11, 50]),
      load: 1,
      ...of,
    });
    expect(checkRun(declared, run({}))).toEqual([]);
    expect(checkRun(declared, run({ outcome: 'oom', exit: 'SIGABRT' }))).toEqual([
      'oom, declared ended (exit SIGABRT)',
    ]);
    expect(checkRun(declared, run({ majors: floors([8, 80], [8.5, 82]) }))).toEqual([
      'breach of 0.5 s, declared 1 to 4 s',
    ]);
    expect(checkRun(declared, run({ majors: floors([8, 80], [10, 93]) }))).toEqual([
      'peak floor 0.930, declared 0.78 to 0.88',
    ]);
    expect(checkRun(declared, run({ samples: [sample(5, 50, { lateSeconds: 2.6 })] }))).toEqual([
      'a sample came 2.6 s late: the machine was too busy',
    ]);
    expect(checkRun(corpusProgram('healthy-sawtooth'), run({}))).toEqual([
      'peak floor 0.820, declared 0.5 to 0.7',
      '1 breaches, declared none',
    ]);
  });
});
