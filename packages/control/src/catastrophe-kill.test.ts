import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ArtifactManifest, CaptureKind, CaptureOperation } from '@heapfloor/contract';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApps, INSTANCE, sign, type ControlApp } from './testing/control-app.fixture.ts';

/** Apps at once: most of a decision is waiting. */
const LANE_COUNT = 8;
const KILLS_PER_LANE = 13;
/** Longest time between the command and the kill; a bit longer than each capture takes on two busy cores. Unit: ms. */
const LIFE_MS: Readonly<Record<string, number>> = {
  'heap-snapshot': 900,
  'diagnostic-report': 150,
  'heap-profile': 1_200,
  'metrics-summary': 100,
};
const KINDS = Object.keys(LIFE_MS) as CaptureKind[];

const apps = createApps();
let bundle: string;
beforeAll(async () => {
  bundle = await bundleControl();
});
afterAll(async () => {
  await apps.end();
  rmSync(bundle, { recursive: true, force: true });
});

/** Starts in half of the time of the sources; the app is started a hundred times. */
async function bundleControl(): Promise<string> {
  const outdir = mkdtempSync(join(tmpdir(), 'hf-kill-'));
  const [register, main] = ['./register.ts', './endpoint/main.ts'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  await build({
    entryPoints: { register: register ?? '', 'endpoint/main': main ?? '' },
    outdir,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@heapfloor/source'],
    // `ws` is CommonJS.
    banner: { js: `import { createRequire as cr } from 'node:module'; const require = cr(import.meta.url);` },
  });
  writeFileSync(join(outdir, 'package.json'), '{"type":"module"}');
  return outdir;
}

/** What the killed app had got to, by what it had answered and what is in its ledger. */
type Point = 'before the attempt' | 'in the capture' | 'after the capture';

it(
  'an app killed at any point of a capture starts again with whole artifacts and a true ledger',
  { timeout: 120_000 },
  async () => {
    const lanes = Array.from({ length: LANE_COUNT }, async (_, lane) => runLane(lane));
    const points = (await Promise.all(lanes)).flat();
    expect(points).toHaveLength(LANE_COUNT * KILLS_PER_LANE);
    const countOf = (point: Point): number => points.filter((one) => one === point).length;
    // Else the kills all hit the same moment, and the test proves little.
    expect(countOf('in the capture')).toBeGreaterThan(20);
    expect(countOf('after the capture')).toBeGreaterThan(0);
  },
);

async function start(directory?: string): Promise<ControlApp> {
  return apps.start({
    register: join(bundle, 'register.js'),
    env: { HEAPFLOOR_CONTROL_KINDS: KINDS.join(',') },
    ...(directory !== undefined && { directory }),
  });
}

async function runLane(lane: number): Promise<Point[]> {
  const points: Point[] = [];
  let app = await start();
  for (let run = 0; run < KILLS_PER_LANE; run += 1) {
    const kind = KINDS[(lane + run) % KINDS.length] as CaptureKind;
    const captureId = `killed-${lane}-${run}`;
    const isAnswered = await captureAndKill(app, captureId, kind);
    const attempt = readAttempt(app.directory, captureId);
    // Written before the start, so before the answer.
    expect([captureId, attempt.hasBegun || !isAnswered]).toEqual([captureId, true]);
    app = await start(app.directory);
    await expectTruth(app, { captureId, kind, isLocked: attempt.hasBegun && !attempt.hasEnded });
    points.push(
      attempt.hasEnded ? 'after the capture' : attempt.hasBegun ? 'in the capture' : 'before the attempt',
    );
  }
  return points;
}

/** @returns whether the app had said that it captures. */
async function captureAndKill(app: ControlApp, captureId: string, kind: CaptureKind): Promise<boolean> {
  const answer = app.capture({ captureId, kind, profileDurationMs: 1_000 }).then(
    ({ verdict }) => {
      expect(verdict.explanation).toContain('allowed');
      return true;
    },
    () => false,
  );
  // One in four at any time from the command on, the others while the capture runs.
  if (Math.random() < 0.25) await delay(Math.random() * 600);
  else {
    await answer;
    await delay(Math.random() * (LIFE_MS[kind] ?? 0));
  }
  app.child.kill('SIGKILL');
  await once(app.child, 'exit');
  return answer;
}

/** Read with nothing of the product: which lines are in the ledger. */
function readAttempt(directory: string, captureId: string): { hasBegun: boolean; hasEnded: boolean } {
  const path = join(directory, 'ledger', `${INSTANCE}.jsonl`);
  const lines = tryRead(path)
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as { type: string; captureId?: string; attemptId?: string });
  const begin = lines.find((line) => line.type === 'begin' && line.captureId === captureId);
  const hasEnded = lines.some(({ type, attemptId }) => type === 'end' && attemptId === begin?.attemptId);
  return { hasBegun: begin !== undefined, hasEnded: begin !== undefined && hasEnded };
}

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

interface Killed {
  readonly captureId: string;
  readonly kind: CaptureKind;
  readonly isLocked: boolean;
}

async function expectTruth(app: ControlApp, { captureId, kind, isLocked }: Killed): Promise<void> {
  expectWholeFiles(join(app.directory, INSTANCE));
  const token = await sign({ action: 'read', captureId });
  const answer = await app.send(`/v1/captures/${captureId}`, { token });
  const operation = (answer.json()['operation'] ?? null) as CaptureOperation | null;
  expect(operation?.state).not.toBe('running');
  // What did not end is not called a success, and what is called one has its file.
  expect([
    captureId,
    operation?.state === 'succeeded' && (isLocked || operation.artifacts.length === 0),
  ]).toEqual([captureId, false]);
  for (const { fileName, sha256 } of operation?.artifacts ?? []) {
    const readToken = await sign({ action: 'read', captureId });
    const { body } = await app.send(`/v1/captures/${captureId}/artifacts/${fileName}`, { token: readToken });
    expect(createHash('sha256').update(body).digest('hex')).toBe(sha256);
  }
  const { verdict } = await app.capture({ captureId: `${captureId}-next`, kind, dryRun: true });
  const lockOut = verdict.steps[0]?.guards.find(({ guard }) => guard === 'lock-out');
  expect([captureId, lockOut?.numbers['lockoutCount'], lockOut?.reason.includes(`${captureId},`)]).toEqual([
    captureId,
    isLocked ? 1 : 0,
    isLocked,
  ]);
  const reset = await sign({ action: 'reset', kind });
  expect((await app.send(`/v1/lockouts/${kind}/reset`, { method: 'POST', token: reset })).status).toBe(204);
}

function expectWholeFiles(directory: string): void {
  const names = readdirSync(directory);
  expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  const manifests = names.filter((name) => name.endsWith('.manifest.json'));
  const files = names.filter(
    (name) => name.startsWith('killed-') && !/\.(?:operation|manifest)\.json$/.test(name),
  );
  expect(manifests).toEqual(files.map((name) => `${name}.manifest.json`));
  for (const name of files) {
    const { sha256 } = JSON.parse(
      readFileSync(join(directory, `${name}.manifest.json`), 'utf8'),
    ) as ArtifactManifest;
    expect(
      createHash('sha256')
        .update(readFileSync(join(directory, name)))
        .digest('hex'),
    ).toBe(sha256);
  }
}
