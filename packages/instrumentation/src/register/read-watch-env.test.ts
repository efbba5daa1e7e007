import { describe, expect, it } from 'vitest';
import { METRIC_DETAILS } from '@heapfloor/contract/metrics';
import { readWatchEnv } from './read-watch-env.ts';

describe('readWatchEnv', () => {
  it.each([
    [{}, [], true],
    [{ HEAPFLOOR_METRIC_DETAILS: ' growth, gc,growth,' }, ['growth', 'gc'], true],
    [{ HEAPFLOOR_METRIC_DETAILS: 'all' }, METRIC_DETAILS, true],
    [{ HEAPFLOOR_METRIC_DETAILS: 'gc,all' }, METRIC_DETAILS, true],
    [{ HEAPFLOOR_METRIC_DETAILS: '', HEAPFLOOR_EXACT_FLOOR: 'FALSE' }, [], false],
    [{ HEAPFLOOR_EXACT_FLOOR: 'true' }, [], true],
  ])('of %j is %j and %s', (env, details, exactFloor) => {
    expect(readWatchEnv(env)).toEqual({ settings: { details, exactFloor }, problems: [] });
  });

  it('names what it does not know, what there is, and what is done instead', () => {
    const { settings, problems } = readWatchEnv({
      HEAPFLOOR_METRIC_DETAILS: 'gc,spaces,GROWTH',
      HEAPFLOOR_EXACT_FLOOR: 'no',
    });
    expect(settings).toEqual({ details: ['gc'], exactFloor: true });
    expect(problems).toEqual([
      `HEAPFLOOR_METRIC_DETAILS="spaces,GROWTH": there are ${METRIC_DETAILS.join(', ')}, all; ignored`,
      'HEAPFLOOR_EXACT_FLOOR="no": not one of true, false; true it is',
    ]);
  });
});
