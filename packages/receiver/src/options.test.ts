import { describe, expect, it } from 'vitest';
import { isLoopbackHost, parseReceiverOptions, validateExposure } from './options.ts';

describe('parseReceiverOptions', () => {
  it('has the defaults of a laptop', () => {
    expect(parseReceiverOptions({})).toMatchObject({
      host: '127.0.0.1',
      port: 9464,
      dataDirectory: './.heapfloor',
      allowUnsigned: false,
      alertNames: ['NodejsHeapFloorHigh'],
      requestedKind: 'heap-snapshot',
      snapshotCount: 2,
      cooldownSeconds: 1800,
      maxAlertAgeSeconds: 900,
    });
  });

  it('takes lists, numbers and switches from the environment', () => {
    const env = {
      HEAPFLOOR_RECEIVER_ALERT_NAMES: 'A, B',
      HEAPFLOOR_RECEIVER_COOLDOWN_SECONDS: '60',
      HEAPFLOOR_RECEIVER_EVALUATE_RULE: 'false',
    };
    expect(parseReceiverOptions({}, env)).toMatchObject({
      alertNames: ['A', 'B'],
      cooldownSeconds: 60,
      evaluateRule: false,
    });
  });
});

describe('validateExposure', () => {
  it('asks nothing of a receiver on loopback', () => {
    for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', '::1']) {
      expect(validateExposure(parseReceiverOptions({ host, allowUnsigned: true }))).toEqual([]);
    }
  });

  it('is content with a token for readers and one for senders', () => {
    const options = { host: '0.0.0.0', readTokenFile: 'r', otlpTokenFile: 'o' };
    expect(validateExposure(parseReceiverOptions(options))).toEqual([]);
  });
});

describe('isLoopbackHost', () => {
  it.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.com', 'localhost.example.com', ''])(
    'is not fooled by %j',
    (host) => {
      expect(isLoopbackHost(host)).toBe(false);
    },
  );
});
