import { afterEach, expect, it } from 'vitest';
import { createApps } from './testing/control-app.fixture.ts';

const apps = createApps();
afterEach(apps.end);

const LISTEN = `
  const { subscribe } = process.getBuiltinModule('node:diagnostics_channel');
  subscribe('heapfloor:capture', (message) => console.error('channel ' + JSON.stringify(message)));
  setInterval(() => {}, 1000);`;

it('tells the app on a diagnostics channel that it listens, and how each capture begins and ends', async () => {
  const app = await apps.start({
    code: LISTEN,
    env: { HEAPFLOOR_CONTROL_KINDS: 'diagnostic-report', HEAPFLOOR_CONTROL_REPORT_COOLDOWN_MS: '3600000' },
  });
  const messages = (): unknown[] =>
    [...app.stderr().matchAll(/^channel (.*)$/gm)].map(([, json = '']) => JSON.parse(json) as unknown);
  await app.capture({ captureId: 'told-0001', kind: 'diagnostic-report' });
  await app.untilDone('told-0001');
  await app.capture({ captureId: 'told-0002', kind: 'inspector' });
  await expect
    .poll(messages)
    .toEqual([
      { type: 'ready' },
      { type: 'started', captureId: 'told-0001' },
      { type: 'ended', captureId: 'told-0001', outcome: 'succeeded' },
      { type: 'ended', captureId: 'told-0002', outcome: 'refused' },
    ]);
});
