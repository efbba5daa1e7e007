/**
 * `npm run generate`: writes everything that is generated. With `-- --check` it writes nothing, names what is stale and
 * exits with 1.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeError } from '@heapfloor/contract/errors';
import { generatedFiles } from './generated-files.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

try {
  const files = generatedFiles((path) => readFileSync(join(root, path), 'utf8'));
  const stale = [...files].filter(([path, text]) => readIfThere(join(root, path)) !== text);
  if (process.argv.includes('--check'))
    report(
      stale.map(([path]) => path),
      files.size,
    );
  else write(stale, files.size);
} catch (error) {
  process.stderr.write(`generate: ${describeError(error)}\n`);
  process.exitCode = 1;
}

function report(stale: readonly string[], fileCount: number): void {
  if (stale.length === 0) {
    process.stdout.write(`generated files are up to date: ${fileCount}\n`);
    return;
  }
  process.stderr.write(`stale, run "npm run generate":\n  ${stale.join('\n  ')}\n`);
  process.exitCode = 1;
}

function write(stale: readonly (readonly [string, string])[], fileCount: number): void {
  for (const [path, text] of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    process.stdout.write(`wrote ${path}\n`);
  }
  process.stdout.write(`${fileCount - stale.length} of ${fileCount} generated files were up to date\n`);
}

/** Undefined for a file that is not there yet; every other failure is one. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
