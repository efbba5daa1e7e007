import { describe, expect, it } from 'vitest';
import { labelFingerprint } from './label-fingerprint.ts';

describe('labelFingerprint', () => {
  it('is the offset basis of FNV-1a for no label', () => {
    expect(labelFingerprint({})).toBe('cbf29ce484222325');
  });

  it('equals the fingerprint that a real Alertmanager 0.33.1 gave the same labels', () => {
    const labels = {
      alertname: 'NodeHeapFloorHigh',
      cluster: 'c1',
      instance: 'uuid-a',
      job: 'shop/checkout',
      severity: 'warning',
    };
    expect(labelFingerprint(labels)).toBe('249663c0b59b123b');
  });

  it('does not depend on the order of the labels', () => {
    expect(labelFingerprint({ b: '2', a: '1' })).toBe(labelFingerprint({ a: '1', b: '2' }));
  });
});
