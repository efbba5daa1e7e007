import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { METRIC_HEAP_OLD_LIMIT } from '@heapfloor/contract/metrics';
import { createPool, endOf, REQUIRE_ARGS } from '../testing/register-run.ts';
import { sinkValue } from '../testing/otlp-sink.ts';
import { REGISTER_ARGS, runNode } from '../testing/run-node.ts';

const pool = createPool();
let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'heapfloor-require-'));
});
afterEach(async () => {
  await pool.close();
  rmSync(directory, { recursive: true });
});

const COMMONJS_APP = `
const { isMainThread } = require('node:worker_threads');
process.stdout.write('cjs ' + typeof module.exports + ' ' + isMainThread);
setTimeout(() => {}, 400);
`;

/** Runs a CommonJS app with the given flags. */
async function run(args: readonly string[]) {
  const sink = await pool.startSink();
  const app = join(directory, 'app.cjs');
  writeFileSync(app, COMMONJS_APP);
  const end = await endOf(
    runNode([...args, '--max-old-space-size=99', app], { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint }),
  );
  expect(end).toMatchObject({ exitCode: 0, stdout: 'cjs object true', lines: [] });
  return sink.exports;
}

describe('node --require', () => {
  it('exports metrics of a CommonJS app', async () => {
    const exports = await run(REQUIRE_ARGS);
    expect(exports).toHaveLength(1);
    expect(exports.map((one) => sinkValue(one, METRIC_HEAP_OLD_LIMIT, 'flag'))).toEqual([99 * 1024 * 1024]);
  });

  it.each([
    ['together with --import', [...REQUIRE_ARGS, ...REGISTER_ARGS]],
    ['twice', [...REQUIRE_ARGS, ...REQUIRE_ARGS]],
    [
      'with two copies',
      [...REGISTER_ARGS, ...REGISTER_ARGS.map((arg) => arg.replace(/ter\.ts$/, 'ter.ts?copy'))],
    ],
  ])('starts once %s', async (_, args) => {
    expect(await run(args)).toHaveLength(1);
  });
});
