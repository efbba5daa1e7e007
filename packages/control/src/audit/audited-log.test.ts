import { expect, it, vi } from 'vitest';
import { createAuditedLog } from './audited-log.ts';

it('audits refusals, and commands that take evidence away or end it', () => {
  const log = vi.fn<() => void>();
  const write = vi.fn<(event: string, fields?: object) => void>();
  const audited = createAuditedLog(log, { write });
  audited('refused', { method: 'POST', status: 401, code: 'CONTROL_SIGNATURE_INVALID', error: 'no' });
  audited('command', { action: 'delete', captureId: 'c-1', keyId: 'key' });
  audited('artifact-read', { captureId: 'c-1', fileName: 'c-1.1.heapsnapshot', keyId: 'key' });
  // The gate writes it, with its verdict and its end.
  audited('command', { action: 'capture', captureId: 'c-2', keyId: 'key' });
  audited('verdict', { captureId: 'c-2' });
  expect(log).toHaveBeenCalledTimes(5);
  expect(write.mock.calls).toEqual([
    ['refused', { method: 'POST', status: 401, code: 'CONTROL_SIGNATURE_INVALID', reason: 'no' }],
    ['command', { action: 'delete', captureId: 'c-1', kind: null, keyThumbprint: 'key' }],
    ['command', { action: 'download', captureId: 'c-1', kind: null, keyThumbprint: 'key' }],
  ]);
});
