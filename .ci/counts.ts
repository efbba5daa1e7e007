/** What one part of a run did. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly remarks: readonly string[];
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    remarks: [...a.remarks, ...b.remarks],
  };
}

/** A skipped test counts as failed, and so does a file that did not even load. */
export function countVitest(json: string): Counts {
  const report = JSON.parse(json) as VitestReport;
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const notRun = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed');
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + notRun.length + broken.length,
    skipped: 0,
    remarks: [
      ...tests.filter((test) => test.status === 'failed').map((test) => `failed: ${test.fullName}`),
      ...notRun.map((test) => `not run, so failed: ${test.fullName}`),
      ...broken.map((file) => `did not load: ${file.name}: ${(file.message ?? '').slice(0, 500)}`),
    ],
  };
}

/** The closing line of `npm run test:containers`. */
export function countContainers(output: string): Counts {
  const line = output.trimEnd().split('\n').at(-1) ?? '';
  const counted = /^containers: (\d+) passed, (\d+) failed$/.exec(line);
  if (counted !== null)
    return { passed: Number(counted[1]), failed: Number(counted[2]), skipped: 0, remarks: [] };
  if (line.startsWith('containers: skipped: ')) return { passed: 0, failed: 0, skipped: 1, remarks: [line] };
  return {
    passed: 0,
    failed: 1,
    skipped: 0,
    remarks: [`containers: no closing line, but: ${line.slice(0, 200)}`],
  };
}

/** Lines "exit code TAB name": a step that exited with another code than 0 is a failure of its own. */
export function countSteps(tsv: string): Counts {
  const steps = tsv
    .trim()
    .split('\n')
    .map((line) => line.split('\t'));
  const failed = steps.filter(([code]) => code !== '0');
  return {
    passed: 0,
    failed: failed.length,
    skipped: 0,
    remarks: failed.map(([code, name]) => `step failed with exit code ${code}: ${name}`),
  };
}
