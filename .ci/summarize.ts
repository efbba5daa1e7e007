/**
 * Adds up what a `.ci/run` did: vitest's JSON reports, the containers' own line, and the steps that are not tests.
 * A skipped test is a failure here, since the peers are required; only the container run may be skipped, and is shown.
 * Its last line is "N passed, N failed[, N skipped]"; exits 1 when anything failed.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addCounts, countContainers, countSteps, countVitest, type Counts } from './counts.ts';

const directory = process.argv[2] ?? '';
const total = [
  ...globSync(join(directory, 'vitest-*.json')).map((file) => countVitest(readFileSync(file, 'utf8'))),
  ...globSync(join(directory, 'containers.txt')).map((file) => countContainers(readFileSync(file, 'utf8'))),
  countSteps(readFileSync(join(directory, 'steps.tsv'), 'utf8')),
].reduce<Counts>(addCounts, { passed: 0, failed: 0, skipped: 0, remarks: [] });

console.log('');
for (const remark of total.remarks) console.log(remark);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
