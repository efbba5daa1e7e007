/**
 * `npm run test:containers`: the pipeline journey with its servers in containers, by testcontainers. Without a running
 * engine, root and an installed dockerd give one for the time of the run.
 *
 * Exit codes: 0 passed, or skipped with the reason in the last line; 1 failed, or skipped although
 * HEAPFLOOR_REQUIRE_CONTAINERS=1.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDockerEngine, type DockerEngine } from './docker-engine.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const JOURNEY = 'test/journeys/pipeline-smoke.test.ts';

/** What is read of vitest's JSON report. */
interface JsonReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
}

const engine = await startDockerEngine();
if ('missing' in engine) skip(engine.missing);
else await runWith(engine);

function skip(reason: string): void {
  console.log(`containers: skipped: ${reason}`);
  process.exitCode = process.env['HEAPFLOOR_REQUIRE_CONTAINERS'] === '1' ? 1 : 0;
}

async function runWith(engine: DockerEngine): Promise<void> {
  console.log(`containers: ${engine.how}`);
  const directory = mkdtempSync(join(tmpdir(), 'heapfloor-containers-'));
  // Whoever interrupts us still gets the engine ended, after the journey.
  process.on('SIGINT', announceStay).on('SIGTERM', announceStay);
  try {
    const reportFile = join(directory, 'report.json');
    const code = await runJourney(reportFile, engine.env);
    report(code, reportFile);
  } finally {
    await engine.stop();
    process.removeListener('SIGINT', announceStay).removeListener('SIGTERM', announceStay);
    rmSync(directory, { recursive: true, force: true });
  }
}

function announceStay(): void {
  console.log('containers: the engine is ended after the journey');
}

async function runJourney(reportFile: string, engineEnv: DockerEngine['env']): Promise<number | null> {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const args = ['run', '--config', 'test/vitest.config.ts', '--project', 'journeys', JOURNEY];
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const child = spawn(process.execPath, [vitest, ...args, ...reporters], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...engineEnv, HEAPFLOOR_PEERS: 'docker' },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
}

function report(code: number | null, reportFile: string): void {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(
    readFileSync(reportFile, 'utf8'),
  ) as JsonReport;
  console.log(`containers: ${numPassedTests} passed, ${numFailedTests} failed`);
  // A test that skipped itself has proved nothing about containers.
  process.exitCode = code === 0 && numPassedTests > 0 && numPendingTests === 0 ? 0 : 1;
}
