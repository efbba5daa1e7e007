import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const here = fileURLToPath(new URL('.', import.meta.url));

it('documents exactly the error codes that the sources throw', () => {
  const sources = globSync(`${here}**/*.ts`).filter((file) => !file.endsWith('.test.ts'));
  const thrown = sources.flatMap((file) => readFileSync(file, 'utf8').match(/'CLI_[A-Z_]+'/g) ?? []);
  const documented = readFileSync(`${here}../README.md`, 'utf8').match(/^\| `(CLI_[A-Z_]+)`/gm) ?? [];
  expect(clean(documented)).toEqual(clean(thrown));
});

function clean(codes: readonly string[]): string[] {
  return [...new Set(codes.map((code) => code.replaceAll(/[^A-Z_]/g, '')))].toSorted();
}
