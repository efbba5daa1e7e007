import { once } from 'node:events';
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createApps, INSTANCE, type ControlApp } from '../testing/control-app.fixture.ts';

const apps = createApps();
afterEach(apps.end);

async function kill(app: ControlApp): Promise<void> {
  app.child.kill('SIGKILL');
  await once(app.child, 'exit');
}

async function restart(app: ControlApp, env: Record<string, string> = {}): Promise<ControlApp> {
  await kill(app);
  return apps.start({ directory: app.directory, env });
}

it('a restart does not reset a cooldown', async () => {
  const env = { HEAPFLOOR_CONTROL_REPORT_COOLDOWN_MS: '600000' };
  const app = await apps.start({ env });
  await app.capture({ captureId: 'before-01', kind: 'diagnostic-report' });
  await app.untilDone('before-01');
  const again = await restart(app, env);
  const { verdict } = await again.capture({ captureId: 'after-001', kind: 'diagnostic-report' });
  const refused = verdict.steps[0]?.guards.filter(({ outcome }) => outcome === 'refused');
  expect(refused?.map(({ guard }) => guard)).toEqual(['cooldown']);
});

it('a record that a full disk cut off does not keep the control from starting', async () => {
  const app = await apps.start();
  await app.capture({ captureId: 'cut-00001', kind: 'diagnostic-report' });
  await app.untilDone('cut-00001');
  writeFileSync(join(app.directory, INSTANCE, 'cut-00001.operation.json'), '{"verdict":');
  const again = await restart(app);
  expect((await again.send('/healthz')).status).toBe(200);
});

it('the folders of instances that have ended go with their age, and no other folder does', async () => {
  const app = await apps.start({ env: { HEAPFLOOR_CONTROL_INSTANCE: 'old-pod' } });
  await kill(app);
  // Longer than the audit log is kept.
  const old = new Date(Date.now() - 31 * 24 * 3_600_000);
  for (const name of readdirSync(join(app.directory, 'old-pod'))) {
    utimesSync(join(app.directory, 'old-pod', name), old, old);
  }
  await apps.start({ directory: app.directory });
  expect(readdirSync(app.directory)).toContain(INSTANCE);
  expect(readdirSync(app.directory)).not.toContain('old-pod');
});
