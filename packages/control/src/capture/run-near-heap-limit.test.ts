import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createApps, sign } from '../testing/control-app.fixture.ts';

const apps = createApps();
const diagnostics = mkdtempSync(join(tmpdir(), 'hf-near-limit-'));
afterEach(async () => {
  await apps.end();
  rmSync(diagnostics, { recursive: true, force: true });
});

/** Leaks when it is told to, until V8 ends it. */
const CODE = `
  setInterval(() => {}, 1000);
  process.once('SIGUSR2', () => {
    class Leaked { constructor(n) { this.n = { n }; } }
    globalThis.leak = [];
    const grow = () => { for (let i = 0; i < 20000; i++) leak.push(new Leaked(i)); setImmediate(grow); };
    grow();
  });`;

it('what V8 wrote near the heap limit of a process that died is an artifact after its next start', async () => {
  const env = {
    HEAPFLOOR_CONTROL_KINDS: 'near-heap-limit',
    HEAPFLOOR_CONTROL_MAX_PAUSE_MS: '600000',
    NODE_OPTIONS: `--max-old-space-size=48 --diagnostic-dir=${diagnostics}`,
  };
  const app = await apps.start({ code: CODE, env });
  await app.capture({ captureId: 'near-0001', kind: 'near-heap-limit' });
  const armed = await app.untilDone('near-0001');
  expect(armed.operation).toMatchObject({ state: 'succeeded', artifacts: [], error: null });
  app.child.kill('SIGUSR2');
  await once(app.child, 'exit');
  expect(readdirSync(diagnostics)).toHaveLength(1);
  const again = await apps.start({ code: CODE, env, directory: app.directory });
  const { operation } = await again.untilDone('near-0001');
  const [artifact] = operation?.artifacts ?? [];
  expect(artifact).toMatchObject({ kind: 'near-heap-limit', pid: app.child.pid, isolate: 'main' });
  const path = `/v1/captures/near-0001/artifacts/${artifact?.fileName}`;
  const { body } = await again.send(path, { token: await sign({ action: 'read', captureId: 'near-0001' }) });
  expect(createHash('sha256').update(body).digest('hex')).toBe(artifact?.sha256);
  expect(body.toString()).toContain('Leaked');
  expect(readdirSync(diagnostics)).toEqual([]);
}, 60_000);
