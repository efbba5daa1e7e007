/**
 * Fails when a package imports one that its rank does not allow:
 * contract ← {instrumentation, control, heap-analysis, mixin} ← receiver ← cli. Cycles between files are oxlint's job.
 */
import { globSync, readFileSync } from 'node:fs';

const MIDDLE = ['contract'];
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  instrumentation: MIDDLE,
  control: MIDDLE,
  'heap-analysis': MIDDLE,
  mixin: MIDDLE,
  receiver: ['contract', 'heap-analysis', 'mixin'],
  cli: ['contract', 'instrumentation', 'control', 'heap-analysis', 'mixin', 'receiver'],
};
/** The app loads no zod through these: names, numbers, one channel and the error base only. */
const LIGHT_CONTRACT = ['metrics', 'rule', 'errors', 'capture-channel'];

const problems: string[] = [];
const files = globSync('packages/*/src/**/*.ts').filter((file) => !file.endsWith('.test.ts'));
for (const file of files) {
  const from = file.split('/')[1] ?? '';
  for (const [, to = '', subpath] of readFileSync(file, 'utf8').matchAll(
    /(?:from|import)[ (]'@heapfloor\/([a-z-]+)(?:\/([a-z-]+))?'/g,
  )) {
    if (!(ALLOWED[from] ?? []).includes(to)) problems.push(`${file}: ${from} must not import ${to}`);
    if (from === 'instrumentation' && to === 'contract' && !LIGHT_CONTRACT.includes(subpath ?? '')) {
      problems.push(`${file}: instrumentation imports only ${LIGHT_CONTRACT.join(', ')} of contract`);
    }
  }
}
if (problems.length > 0) {
  console.error(`layers: ${problems.length} problem(s)\n  ${problems.join('\n  ')}`);
  process.exitCode = 1;
} else {
  console.log(`layers hold in ${files.length} files`);
}
