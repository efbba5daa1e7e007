import { afterEach, describe, expect, it } from 'vitest';
import type { FixtureOptions } from './drain-thread.fixture.ts';
import { startDrainedApp, type DrainedApp } from './drained-app.fixture.ts';

const apps: DrainedApp[] = [];
afterEach(() => {
  for (const { child } of apps.splice(0)) child.kill('SIGKILL');
});

async function start(options: FixtureOptions = {}): Promise<DrainedApp> {
  const app = await startDrainedApp(options);
  apps.push(app);
  return app;
}

async function probe(app: DrainedApp, path: string): Promise<number> {
  const response = await fetch(`${app.probeAddress}${path}`);
  await response.body?.cancel();
  return response.status;
}

describe('a drain', () => {
  it('takes a quiet instance out of service and puts it back', async () => {
    const app = await start();
    expect(await probe(app, '/readyz')).toBe(200);
    const { result } = await app.command('enter');
    expect(result).toEqual([
      'draining, taking the instance out of service',
      'draining, the load balancer has 50 ms to see it',
      'draining, 0 requests in flight',
    ]);
    expect(await probe(app, '/readyz')).toBe(503);
    expect(await app.get('/is-ready')).toBe('false');
    expect(await app.command('isDraining')).toEqual({ result: true });
    await app.command('leave');
    expect(await probe(app, '/readyz')).toBe(200);
    expect(await app.get('/is-ready')).toBe('true');
    expect(await app.events()).toEqual(['channel draining', 'onDrain', 'channel returned', 'onReturn']);
    expect(await app.command('log')).toEqual({ result: [] });
  });

  it('waits for the request in flight, and says how many there are', async () => {
    const app = await start();
    let isAnswered = false;
    const slow = app.get('/?ms=800').then(() => {
      isAnswered = true;
    });
    const { result } = await app.command('enter');
    expect(isAnswered).toBe(true);
    expect((result as string[]).slice(-2)).toEqual([
      'draining, 1 requests in flight',
      'draining, 0 requests in flight',
    ]);
    await slow;
  });

  it('is not ready while short requests keep coming, though none is in flight when it looks', async () => {
    const app = await start({ timeoutMs: 1_000 });
    const load = { isOver: false };
    const entered = app.command('enter').finally(() => {
      load.isOver = true;
    });
    while (!load.isOver) await app.get('/is-ready');
    const { error } = await entered;
    expect(error?.code).toBe('CONTROL_DRAIN_TIMEOUT');
    expect(Number(/and (\d+) came meanwhile/.exec(error?.message ?? '')?.[1])).toBeGreaterThan(20);
  });

  it('fails at the deadline with the count, and the instance has returned by then', async () => {
    const app = await start({ timeoutMs: 400 });
    const slow = app.get('/?ms=3000');
    const { error } = await app.command('enter');
    expect(error?.code).toBe('CONTROL_DRAIN_TIMEOUT');
    expect(error?.message).toMatch(/^after 400 ms 1 requests are in flight/);
    expect(await probe(app, '/readyz')).toBe(200);
    expect(await app.events()).toEqual(['channel draining', 'onDrain', 'channel returned', 'onReturn']);
    expect(await app.command('isDraining')).toEqual({ result: false });
    await slow;
  });

  it('returns the instance when its signal aborts, with the reason', async () => {
    const app = await start({ noticeMs: 20_000 });
    const entered = app.command('enter');
    await expect.poll(async () => probe(app, '/readyz')).toBe(503);
    await app.command('abort');
    expect(await entered).toEqual({ error: { message: 'control stops' } });
    expect(await probe(app, '/readyz')).toBe(200);
  });

  it('can be entered once at a time, and the second attempt does not end the first', async () => {
    const app = await start();
    await app.command('enter');
    expect((await app.command('enter')).error?.message).toContain('drained already');
    expect(await probe(app, '/readyz')).toBe(503);
  });
});

describe('an app that says when it is up', () => {
  it('is not ready before, though its server listens', async () => {
    const app = await start({ startsDown: true });
    expect(await probe(app, '/readyz')).toBe(503);
    expect(await probe(app, '/livez')).toBe(200);
    await app.get('/up');
    expect(await probe(app, '/readyz')).toBe(200);
  });
});

describe('liveness of a process whose main thread is blocked', () => {
  it('is 200 under a lease, 503 after it, and 200 when the loop turns again', async () => {
    const app = await start({ livenessTimeoutMs: 200 });
    await app.command('lease?ms=1000');
    await app.get('/block?ms=2500');
    const seen: number[] = [];
    await expect
      .poll(
        async () => {
          seen.push(await probe(app, '/livez'));
          return seen.join(' ').replaceAll(/(\d+)( \1)*/g, '$1');
        },
        { timeout: 10_000, interval: 50 },
      )
      .toBe('200 503 200');
  });
});

describe('the hooks of the app', () => {
  it('end the attempt when onDrain throws, and the instance returns', async () => {
    const app = await start({ onDrain: 'throws' });
    const { error } = await app.command('enter');
    expect(error).toEqual({
      code: 'CONTROL_DRAIN_HOOK_FAILED',
      message: 'onDrain failed: onDrain is broken',
    });
    expect(await app.events()).toEqual(['channel draining', 'onDrain', 'channel returned', 'onReturn']);
    expect(await probe(app, '/readyz')).toBe(200);
  });

  it('end the attempt when onDrain hangs, and the instance returns', async () => {
    const app = await start({ onDrain: 'hangs', timeoutMs: 300 });
    const { error } = await app.command('enter');
    expect(error?.code).toBe('CONTROL_DRAIN_TIMEOUT');
    expect(error?.message).toContain('did not answer within 300 ms');
    expect(await probe(app, '/readyz')).toBe(200);
  });

  it('put the instance back once more when a late onDrain ends after the return', async () => {
    const app = await start({ onDrain: 'ends late', timeoutMs: 300 });
    await app.command('enter');
    await expect
      .poll(app.events)
      .toEqual(['channel draining', 'onDrain', 'channel returned', 'onReturn', 'onDrain ended', 'onReturn']);
  });

  it.each([
    ['throws', 'onReturn failed: onReturn is broken'],
    ['hangs', 'onReturn: the hook or the main thread did not answer within 300 ms'],
  ] as const)('are logged when onReturn %s, and the app serves', async (behaviour, reason) => {
    const app = await start({ onReturn: behaviour, timeoutMs: 300 });
    expect((await app.command('enter')).error).toBeUndefined();
    expect((await app.command('leave')).error).toBeUndefined();
    const { result } = await app.command('log');
    expect(result).toEqual([
      { event: 'drain-return-failed', error: expect.stringContaining(reason) as string },
    ]);
    expect(await probe(app, '/readyz')).toBe(200);
    expect(await app.get('/is-ready')).toBe('true');
  });
});

describe('a drain that something goes wrong with', () => {
  it('fails where the main thread is stuck; the app returns and no hook of it comes late', async () => {
    const app = await start({ timeoutMs: 300 });
    await app.get('/block?ms=1500');
    const { error } = await app.command('enter');
    expect(error?.code).toBe('CONTROL_DRAIN_TIMEOUT');
    expect(await app.command('isDraining')).toEqual({ result: false });
    expect(await app.get('/is-ready')).toBe('true');
    expect(await app.events()).toEqual([]);
  });

  it('returns the instance when the control thread dies', async () => {
    const app = await start();
    await app.command('enter');
    expect(await app.get('/is-ready')).toBe('false');
    await app.command('die').catch(() => null);
    await expect.poll(app.events).toEqual(['channel draining', 'onDrain', 'channel returned', 'onReturn']);
    expect(await app.get('/is-ready')).toBe('true');
    const { headers } = await fetch(`${app.url}/is-ready`);
    expect(headers.get('connection')).toBe('keep-alive');
  });
});
