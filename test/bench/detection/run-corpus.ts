import { shouldFloorRuleFire, type CorpusProgram } from '../../corpus/manifest.ts';
import { checkRun, traceFacts, type TracedFacts } from './check-run.ts';
import { evaluateRules, type Firings } from './rules.ts';
import { runProgram, type ProgramRun } from './run-program.ts';

/** One program, and what each rule said to it. */
export interface Workload extends TracedFacts {
  readonly name: string;
  readonly verdict: CorpusProgram['verdict'];
  readonly what: CorpusProgram['what'];
  readonly isHeldOut: boolean;
  readonly shouldFire: boolean;
  readonly firedAtSeconds: Firings;
  /** Its last major GC, if it died of a full heap; null otherwise. */
  readonly diedAtSeconds: number | null;
  readonly load: number;
  readonly isValid: boolean;
  readonly problems: readonly string[];
  readonly attempts: number;
}

/** They sleep nearly all of the time: four use about half of one core. */
const CONCURRENCY = 4;
/** A run that proves nothing is repeated in more quiet. */
const REPEAT_CONCURRENCY = 2;

/** Runs the programs, repeats once what proved nothing, and answers in the order of the programs. */
export async function runCorpus(
  programs: readonly CorpusProgram[],
  say: (line: string) => void,
): Promise<Workload[]> {
  const first = await runAll(programs, { concurrency: CONCURRENCY, attempts: 1 });
  const invalid = programs.filter((_, index) => first[index]?.isValid === false);
  for (const workload of first) sayProblems(workload, say, 'repeated');
  const again = await runAll(invalid, { concurrency: REPEAT_CONCURRENCY, attempts: 2 });
  for (const workload of again) sayProblems(workload, say, 'not counted');
  return first.map((workload) => again.find(({ name }) => name === workload.name) ?? workload);
}

interface RunAllOptions {
  readonly concurrency: number;
  readonly attempts: number;
}

/** The longest first, so that the end is not one program alone. */
async function runAll(
  programs: readonly CorpusProgram[],
  { concurrency, attempts }: RunAllOptions,
): Promise<Workload[]> {
  const waiting = programs.toSorted((left, right) => right.expectedSeconds - left.expectedSeconds);
  const workloads = new Map<string, Workload>();
  const work = async (): Promise<void> => {
    for (let program = waiting.shift(); program !== undefined; program = waiting.shift()) {
      workloads.set(program.name, judge(program, await runProgram(program), attempts));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return programs.flatMap(({ name }) => workloads.get(name) ?? []);
}

function judge(program: CorpusProgram, run: ProgramRun, attempts: number): Workload {
  const problems = checkRun(program, run);
  const { name, verdict, what, isHeldOut } = program;
  return {
    name,
    verdict,
    what,
    isHeldOut,
    shouldFire: shouldFloorRuleFire(program),
    firedAtSeconds: evaluateRules(run.samples),
    diedAtSeconds: run.outcome === 'oom' ? (run.majors.at(-1)?.seconds ?? null) : null,
    ...traceFacts(program, run),
    load: run.load,
    isValid: problems.length === 0,
    problems,
    attempts,
  };
}

function sayProblems({ name, problems }: Workload, say: (line: string) => void, consequence: string): void {
  if (problems.length > 0) say(`invalid run of ${name}, ${consequence}: ${problems.join('; ')}`);
}
