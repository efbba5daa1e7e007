/**
 * Runs one benchmark: `npm run bench -- <name> [--json]`. Each file beside this one is a benchmark; with `--json` the
 * last line is one JSON object for machines.
 */
import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Bench {
  readonly name: string;
  run(): Promise<{ table: string[][]; results: Record<string, unknown> }>;
}

const directory = fileURLToPath(new URL('.', import.meta.url));
const names = globSync('*.ts', { cwd: directory })
  .map((file) => basename(file, '.ts'))
  .filter((name) => name !== 'run' && !name.includes('.'))
  .toSorted();

const wanted = process.argv.slice(2).filter((argument) => argument !== '--json');
const [name] = wanted;
if (wanted.length === 1 && name !== undefined && names.includes(name)) {
  await runBench(name, process.argv.includes('--json'));
} else {
  console.error(`usage: npm run bench -- <name> [--json]\nbenchmarks: ${names.join(', ')}`);
  process.exitCode = 2;
}

async function runBench(file: string, isJson: boolean): Promise<void> {
  const bench = (await import(new URL(`${file}.ts`, import.meta.url).href)) as Bench;
  const { table, results } = await bench.run();
  console.log(formatTable(table));
  if (isJson) console.log(JSON.stringify({ bench: bench.name, node: process.version, results }));
}

/** Columns as wide as their widest cell: the first to the left, figures to the right. */
function formatTable(table: readonly string[][]): string {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  return table.map((row) => formatRow(row, widths)).join('\n');
}

function formatRow(row: readonly string[], widths: readonly number[]): string {
  const cells = widths.map((width, column) => {
    const cell = row[column] ?? '';
    return column === 0 ? cell.padEnd(width) : cell.padStart(width);
  });
  return cells.join('  ').trimEnd();
}
