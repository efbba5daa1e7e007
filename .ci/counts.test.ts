import { describe, expect, it } from 'vitest';
import { countContainers, countSteps, countVitest } from './counts.ts';

const file = (status: string, ...tests: string[]): object => ({
  name: 'a.test.ts',
  status,
  assertionResults: tests.map((test) => ({ fullName: 'a test', status: test })),
});
const report = (numPassedTests: number, numFailedTests: number, ...testResults: object[]): string =>
  JSON.stringify({ numPassedTests, numFailedTests, testResults });

describe('countVitest', () => {
  it('counts a skipped test as failed', () => {
    expect(countVitest(report(1, 0, file('passed', 'passed', 'skipped')))).toMatchObject({
      passed: 1,
      failed: 1,
    });
  });

  it('counts a file that did not load as failed', () => {
    expect(countVitest(report(0, 0, file('failed')))).toMatchObject({ passed: 0, failed: 1 });
  });
});

describe('countContainers', () => {
  it('keeps a skipped engine apart from a passed run', () => {
    expect(countContainers('containers: 3 passed, 0 failed\n')).toMatchObject({
      passed: 3,
      failed: 0,
      skipped: 0,
    });
    expect(countContainers('x\ncontainers: skipped: no engine\n')).toMatchObject({ passed: 0, skipped: 1 });
    expect(countContainers('Segmentation fault')).toMatchObject({ failed: 1 });
  });
});

describe('countSteps', () => {
  it('counts every step that did not exit with 0', () => {
    expect(countSteps('0\tnpm ci\n1\tnpm run check\n')).toMatchObject({ failed: 1 });
  });
});
