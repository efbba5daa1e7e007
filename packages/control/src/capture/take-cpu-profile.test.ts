import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createCaptureApps } from '../testing/capture-app.fixture.ts';
import { samplingIntervalUs } from './take-cpu-profile.ts';

const apps = createCaptureApps();
afterEach(apps.end);

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly hitCount: number;
    readonly callFrame: { readonly functionName: string };
  }[];
  readonly startTime: number;
  readonly endTime: number;
  readonly samples: readonly number[];
}

function readProfile(name = 'a.cpuprofile'): CpuProfile {
  return JSON.parse(readFileSync(join(apps.directory(), name), 'utf8')) as CpuProfile;
}

/** Share of all samples that hit the function itself. */
function shareOf({ nodes, samples }: CpuProfile, functionName: string): number {
  const ids = new Set(
    nodes.filter(({ callFrame }) => callFrame.functionName === functionName).map(({ id }) => id),
  );
  return samples.filter((id) => ids.has(id)).length / samples.length;
}

const SPINS = `setTimeout(function spinsForEver() { require('node:fs').writeFileSync('looping', ''); let n = 0; for (;;) n += Math.sqrt(n); }, 500);`;

describe('a CPU profile', () => {
  it('names the function in whose endless loop the main thread is stuck', async () => {
    await apps.run({
      app: SPINS,
      control: async ({ main, directory, delay, fileExists, takeCpuProfile, ArtifactFile }) => {
        while (!fileExists('looping')) await delay(20);
        const file = new ArtifactFile(directory, 'a.cpuprofile');
        await takeCpuProfile(main, file, { durationMs: 1_000 });
        file.finish();
      },
    });
    const profile = readProfile();
    expect(shareOf(profile, 'spinsForEver')).toBeGreaterThan(0.9);
    expect(profile.endTime - profile.startTime).toBeGreaterThan(900_000);
  });

  it('of a worker shows the worker alone', async () => {
    await apps.run({
      app: `new (require('node:worker_threads').Worker)('(function worksHard() { for (;;) ({}); })()', { eval: true }).once('online', () => startControl());
        setInterval(function idlesInMain() {}, 5);`,
      control: async ({ main, directory, openIsolates, takeCpuProfile, ArtifactFile }) => {
        const { isolates, close } = await openIsolates(main, { wanted: 'worker-1' });
        const [isolate] = isolates;
        if (isolate === undefined) throw new Error('the worker is missing');
        const file = new ArtifactFile(directory, 'a.cpuprofile');
        await takeCpuProfile(isolate, file, { durationMs: 1_000 });
        file.finish();
        await close();
      },
    });
    const profile = readProfile();
    expect(shareOf(profile, 'worksHard')).toBeGreaterThan(0.9);
    expect(shareOf(profile, 'idlesInMain')).toBe(0);
  });

  it('can be ended early, with what it has until then', async () => {
    const tookMs = await apps.run({
      app: SPINS,
      control: async ({ main, directory, delay, fileExists, takeCpuProfile, ArtifactFile }) => {
        while (!fileExists('looping')) await delay(20);
        const file = new ArtifactFile(directory, 'a.cpuprofile');
        const startedMs = performance.now();
        const signal = AbortSignal.timeout(1_500);
        await takeCpuProfile(main, file, { durationMs: 300_000, signal });
        file.finish();
        return performance.now() - startedMs;
      },
    });
    expect(tookMs).toBeLessThan(10_000);
    expect(shareOf(readProfile(), 'spinsForEver')).toBeGreaterThan(0.9);
  });

  it("leaves the app's own profilers running, and they miss nothing", async () => {
    const own = await apps.run({
      app: `const { Session } = require('node:inspector/promises');
        const v8 = require('node:v8');
        const session = new Session(); session.connect();
        const worksInApp = (n) => (n < 2 ? n : worksInApp(n - 1) + worksInApp(n - 2));
        setInterval(() => worksInApp(29), 1);
        const handle = v8.startCpuProfile?.();
        (async () => {
          await session.post('Profiler.enable');
          await session.post('Profiler.start');
          startControl();
        })();
        globalThis.stopOwn = async () => {
          const { profile } = await session.post('Profiler.stop');
          return JSON.stringify({ session: profile, handle: handle && JSON.parse(handle.stop()) });
        };`,
      control: async ({ main, directory, takeCpuProfile, ArtifactFile }) => {
        const file = new ArtifactFile(directory, 'a.cpuprofile');
        await takeCpuProfile(main, file, { durationMs: 500 });
        file.finish();
        const params = { expression: 'stopOwn()', awaitPromise: true };
        const answer = await main.send<{ result: { value: string } }>('Runtime.evaluate', params);
        return answer.result.value;
      },
    });
    const ours = readProfile();
    const { session, handle } = JSON.parse(own) as { session: CpuProfile; handle?: CpuProfile };
    for (const profile of [ours, session, ...(handle === undefined ? [] : [handle])]) {
      expect(shareOf(profile, 'worksInApp')).toBeGreaterThan(0.3);
    }
    expect(session.startTime).toBeLessThan(ours.startTime);
    expect(session.endTime).toBeGreaterThan(ours.endTime);
  });
});

it.each([
  [30_000, 1_000],
  [100_000, 1_000],
  [300_000, 3_000],
])('a profile of %i ms takes a sample each %i µs, 100,000 at most', (durationMs, intervalUs) => {
  expect(samplingIntervalUs(durationMs)).toBe(intervalUs);
  expect((durationMs * 1_000) / intervalUs).toBeLessThanOrEqual(100_000);
});
