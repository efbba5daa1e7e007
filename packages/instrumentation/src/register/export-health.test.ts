import { describe, expect, it } from 'vitest';
import { METRIC_EXPORT_FAILURE } from '@heapfloor/contract/metrics';
import { readCollectors } from '../testing/read-metrics.ts';
import { createExportHealth, HEALTHY, nextHealth } from './export-health.ts';
import type { ExportFailure, ExportFailureType } from './export-failure.ts';

const failure = (type: ExportFailureType): ExportFailure => ({ type, reason: `a ${type} failure` });

/** What is said while exports end as listed. */
function said(...results: readonly (ExportFailureType | 'fine')[]): string[] {
  const lines: string[] = [];
  let state = HEALTHY;
  for (const result of results) {
    const next = nextHealth(state, result === 'fine' ? null : failure(result));
    state = next.state;
    if (next.say !== null) lines.push(next.say);
  }
  return lines;
}

describe('nextHealth', () => {
  it('says nothing as long as all is well', () => {
    expect(said('fine', 'fine')).toEqual([]);
  });

  it('says the first failure and no other', () => {
    const first = 'a connection failure; said once, tried on';
    expect(said('fine', 'connection', 'connection', 'http')).toEqual([first]);
  });

  it('says the first recovery and no other, with what was lost', () => {
    expect(said('http', 'timeout', 'timeout', 'fine', 'fine', 'http', 'fine', 'http')).toEqual([
      'a http failure; said once, tried on',
      'works again after 3 failed exports; said once',
    ]);
  });
});

describe('createExportHealth', () => {
  it('counts failures by type, and has no series before the first', async () => {
    const health = createExportHealth(() => {});
    health.onResult(null);
    expect((await readCollectors([health.collector])).size).toBe(0);
    for (const type of ['http', 'timeout', 'http'] as const) health.onResult(failure(type));
    health.onResult(null);
    const metric = (await readCollectors([health.collector])).get(METRIC_EXPORT_FAILURE);
    expect(metric?.dataPoints.map(({ attributes, value }) => [attributes, value])).toEqual([
      [{ 'error.type': 'connection' }, 1],
      [{ 'error.type': 'response' }, 2],
    ]);
  });

  it.each([
    ['timeout', true],
    ['connection', true],
    ['http', false],
    ['rejected', false],
    ['other', false],
  ] as const)(
    'after a failure of type %s, unreachable is %s, and never after a success',
    (type, expected) => {
      const health = createExportHealth(() => {});
      expect(health.isUnreachable()).toBe(false);
      health.onResult(failure(type));
      expect(health.isUnreachable()).toBe(expected);
      health.onResult(null);
      expect(health.isUnreachable()).toBe(false);
    },
  );
});
