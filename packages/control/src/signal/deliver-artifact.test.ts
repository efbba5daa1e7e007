import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deliverArtifact } from './deliver-artifact.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'hf-deliver-'));
  mkdirSync(join(base, 'artifacts'));
  writeFileSync(join(base, 'artifacts', 'signal-1.1.heapsnapshot'), '{}', { mode: 0o600 });
});
afterEach(() => rmSync(base, { recursive: true }));

const manifest = {
  fileName: 'signal-1.1.heapsnapshot',
  pid: 4121,
  startedAt: '2026-11-24T10:00:00.123Z',
  isolate: 'main',
};

describe('deliverArtifact', () => {
  it('names the file by tag, process and time, and leaves the artifact', () => {
    const path = deliverArtifact({ directory: base, tag: 'shop' }, manifest, join(base, 'artifacts'));
    expect(path).toBe(join(base, 'heap-shop-4121-20261124T100000.123Z.heapsnapshot'));
    expect(readFileSync(path, 'utf8')).toBe('{}');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(base, 'artifacts', manifest.fileName)).nlink).toBe(2);
  });

  it('names a worker, and replaces no file', () => {
    const worker = { ...manifest, isolate: 'worker-3' };
    const to = { directory: base, tag: 'shop' };
    expect(deliverArtifact(to, worker, join(base, 'artifacts'))).toContain('heap-shop-4121-worker-3-2026');
    expect(() => deliverArtifact(to, worker, join(base, 'artifacts'))).toThrow('EEXIST');
  });
});
