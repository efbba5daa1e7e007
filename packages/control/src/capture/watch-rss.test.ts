import { afterEach, expect, it } from 'vitest';
import { createCaptureApps } from '../testing/capture-app.fixture.ts';
import { watchRss } from './watch-rss.ts';

const apps = createCaptureApps();
afterEach(apps.end);

it('tells the growth that is left at the end', () => {
  const readings = [100, 130];
  expect(watchRss(() => readings.shift() ?? 0).stop()).toBe(30);
});

it('tells no growth below nothing', () => {
  const readings = [100, 70];
  expect(watchRss(() => readings.shift() ?? 0).stop()).toBe(0);
});

it('sees a peak that is gone at the end, while the main thread stands still', async () => {
  const growthBytes = await apps.run({
    app: `globalThis.peak = () => {
        let held = Buffer.alloc(256 * 2 ** 20, 1);
        for (const end = Date.now() + 300; Date.now() < end;);
        held = null; globalThis.gc();
      };
      setInterval(() => {}, 1000);`,
    flags: ['--expose-gc'],
    control: async ({ main, watchRss }) => {
      const rss = watchRss();
      await main.send('Runtime.evaluate', { expression: 'peak()' });
      return rss.stop();
    },
  });
  expect(growthBytes).toBeGreaterThan(200 * 2 ** 20);
});
