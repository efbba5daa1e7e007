import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ArtifactManifest } from '@heapfloor/contract';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createAuditLog } from '../audit/audit-log.ts';
import { verifyAudit } from '../audit/verify-audit.ts';
import { createOperationStore } from '../capture/operation-store.ts';
import { claimDirectory } from '../endpoint/claim-directory.ts';
import { openAttemptLedger } from './attempt-ledger.ts';
import { readOwnIdentity } from './process-identity.ts';

const FIXTURE = fileURLToPath(new URL('./crash-process.fixture.ts', import.meta.url));
/** One file that starts in a quarter of the time of the sources: the test starts it a hundred times. */
const BUNDLE_NAME = 'crash-process.mjs';
const LANE_COUNT = 4;
const KILLS_PER_LANE = 30;
/** A capture of the fixture takes some 10 ms, so a kill comes within the first few. Unit: ms. */
const LONGEST_LIFE_MS = 40;

const bases: string[] = [];
beforeEach(async () => {
  for (let lane = 0; lane < LANE_COUNT; lane += 1) bases.push(mkdtempSync(join(tmpdir(), 'hf-crash-')));
  await build({
    entryPoints: [FIXTURE],
    outfile: join(bases[0] ?? '', BUNDLE_NAME),
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@heapfloor/source'],
  });
});
afterEach(() => bases.splice(0).forEach((base) => rmSync(base, { recursive: true, force: true })));

/** What the killed process had told last of its ledger: certain but for the moments of the two writes. */
type LastStep = 'begin' | 'begun' | 'end' | 'ended';

it(
  'a process killed at any point leaves no partial artifact, a true ledger and a whole audit chain',
  { timeout: 60_000 },
  async () => {
    const steps = (await Promise.all(bases.map(async (base) => runLane(base)))).flat();
    expect(steps).toHaveLength(LANE_COUNT * KILLS_PER_LANE);
    // Else the kills all hit the same moment, and the test proves little.
    expect(new Set(steps)).toContain('begun');
    expect(steps.filter((step) => step !== 'begun').length).toBeGreaterThan(0);
  },
);

async function runLane(base: string): Promise<LastStep[]> {
  const steps: LastStep[] = [];
  mkdirSync(join(base, 'app-1'));
  for (let run = 0; run < KILLS_PER_LANE; run += 1) {
    const told = await runAndKill(base, run);
    const [step = '', captureId = ''] = (told.at(-1) ?? '').split(' ');
    steps.push(step as LastStep);
    checkFreshStart(base, { step: step as LastStep, captureId });
  }
  return steps;
}

/** @returns what it told, the last line whole. */
async function runAndKill(base: string, run: number): Promise<string[]> {
  const args = [join(bases[0] ?? '', BUNDLE_NAME), base, String(run)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  child.stdout.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  const closed = once(child, 'close');
  await Promise.race([once(child.stdout, 'data'), closed]);
  await delay(Math.random() * LONGEST_LIFE_MS);
  child.kill('SIGKILL');
  const [, signal] = (await closed) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  return told.split('\n').slice(0, -1);
}

function checkFreshStart(base: string, last: { step: LastStep; captureId: string }): void {
  const directory = join(base, 'app-1');
  const self = readOwnIdentity();
  expect(verifyAudit(directory)).toMatchObject({ isIntact: true });
  // As a process that has ended when the next one starts: this one goes on.
  expect(claimDirectory(directory, 'app-1', { ...self, pid: 4_194_305 })).toBeNull();
  const retention = { maxArtifacts: 4, artifactMaxAgeMs: 3_600_000, artifactQuotaBytes: 2 ** 20 };
  const store = createOperationStore(directory, retention);
  checkArtifacts(directory, store.find);
  const ledger = openAttemptLedger({ base, service: 'shop', instance: 'app-1', self });
  const locked = ledger.lockouts().map(({ captureId }) => captureId);
  if (last.step === 'begun') expect(locked).toEqual([last.captureId]);
  else if (last.step === 'ended') expect(locked).toEqual([]);
  else expect([[], [last.captureId]]).toContainEqual(locked);
  expect(ledger.reset('heap-profile', 'test')).toEqual(locked);
  expect(ledger.lockouts()).toEqual([]);
  expect(ledger.attempts().length).toBeGreaterThan(0);
  createAuditLog({ directory, log: () => {} }).write('started');
  expect(verifyAudit(directory)).toMatchObject({ isIntact: true, tornBytes: 0 });
}

function checkArtifacts(directory: string, find: ReturnType<typeof createOperationStore>['find']): void {
  const names = readdirSync(directory);
  expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  const files = names.filter((name) => name.endsWith('.heapprofile'));
  const manifests = names.filter((name) => name.endsWith('.manifest.json'));
  expect(manifests).toEqual(files.map((name) => `${name}.manifest.json`));
  for (const name of files) {
    const manifest = JSON.parse(
      readFileSync(join(directory, `${name}.manifest.json`), 'utf8'),
    ) as ArtifactManifest;
    const bytes = readFileSync(join(directory, name));
    expect(bytes.length).toBe(80_000);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(manifest.sha256);
    expect(find(manifest.captureId)?.operation?.artifacts).toEqual([manifest]);
  }
  for (const name of names.filter((entry) => entry.endsWith('.operation.json'))) {
    const operation = find(name.slice(0, -'.operation.json'.length))?.operation;
    expect(operation?.state).not.toBe('running');
    if (operation?.state === 'succeeded') expect(operation.artifacts).toHaveLength(1);
  }
}
