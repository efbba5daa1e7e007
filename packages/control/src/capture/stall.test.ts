import { afterEach, expect, it } from 'vitest';
import { createApps, sign } from '../testing/control-app.fixture.ts';

const apps = createApps();
afterEach(apps.end);

it('the stall of a profile is its own, not what blocks the app meanwhile', async () => {
  const app = await apps.start({
    code: `const block = () => { const end = Date.now() + 400; while (Date.now() < end); };
      for (let at = 1000; at < 5000; at += 600) setTimeout(block, at); setInterval(() => {}, 1000);`,
  });
  await app.capture({ captureId: 'profile-2', kind: 'heap-profile', profileDurationMs: 7000 });
  const { operation } = await app.untilDone('profile-2');
  expect(operation?.artifacts[0]?.stallMs).toBeLessThan(100);
});

it('the stall of a snapshot is the gap that the app itself sees', async () => {
  const app = await apps.start({
    code: `globalThis.kept = Array.from({ length: 150_000 }, (_, n) => ({ n, m: { n } }));
      let last = performance.now(); let longestMs = 0;
      setInterval(() => { const now = performance.now(); longestMs = Math.max(longestMs, now - last); last = now; }, 1);
      setInterval(() => console.log(longestMs), 200);`,
  });
  let seenMs = 0;
  app.child.stdout?.on('data', (chunk: Buffer) => {
    seenMs = Math.max(seenMs, ...chunk.toString().trim().split('\n').map(Number));
  });
  await app.capture({ captureId: 'snap-0001', kind: 'heap-snapshot' });
  const { operation } = await app.untilDone('snap-0001');
  const stallMs = operation?.artifacts[0]?.stallMs ?? 0;
  expect(stallMs).toBeGreaterThan(200);
  // The app's own clock is the oracle: what it saw is that stall, but for its timer and the control's beat.
  await expect.poll(() => Math.abs(seenMs - stallMs)).toBeLessThan(50);
});

it('another command during a snapshot is refused at once and told by what', async () => {
  const app = await apps.start({
    code: `globalThis.kept = Array.from({ length: 400_000 }, (_, n) => ({ n, m: { n } })); setInterval(() => {}, 1000)`,
  });
  await app.capture({ captureId: 'first-001', kind: 'heap-snapshot' });
  const { verdict, operation } = await app.capture({ captureId: 'second-01', kind: 'heap-snapshot' });
  expect(operation?.state).toBe('refused');
  const first = await app.untilDone('first-001');
  const finishedAt = first.operation?.artifacts[0]?.finishedAt ?? '';
  expect(Date.parse(verdict.evaluatedAt)).toBeLessThan(Date.parse(finishedAt));
  expect(verdict.explanation).toMatch(
    /^Heap snapshot refused: capture first-001 \(heap snapshot\) has been running/,
  );
});

it('a main thread that answers not even an interrupt is a 503 and costs no attempt', async () => {
  const app = await apps.start({
    code: `setTimeout(() => require('node:child_process').execFileSync('sleep', ['14']), 300)`,
  });
  await expect
    .poll(async () => (await app.send('/healthz')).json()['mainThread'])
    .toMatchObject({ responsive: false });
  const token = await sign({
    action: 'capture',
    captureId: 'stuck-002',
    kind: 'heap-snapshot',
    alertFingerprint: null,
  });
  const answer = await app.send('/v1/captures', { method: 'POST', token });
  expect({ status: answer.status, code: answer.json()['code'] }).toEqual({
    status: 503,
    code: 'CONTROL_MAIN_THREAD_UNRESPONSIVE',
  });
  expect((await app.send('/healthz')).status).toBe(200);
});
