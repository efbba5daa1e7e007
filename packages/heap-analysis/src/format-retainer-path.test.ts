import type { LeakSuspect, RetainerStep } from '@heapfloor/contract';
import { describe, expect, it } from 'vitest';
import { formatRetainerPath } from './format-retainer-path.ts';

const rest = { source: null, nodeId: 1, selfSizeBytes: 1, retainedSizeBytes: 1 };
const root: RetainerStep = { ...rest, edge: null, name: '(GC roots)', role: 'root' };

function suspect(...retainerPath: RetainerStep[]): LeakSuspect {
  return {
    constructor: 'Session',
    source: null,
    newCount: 4125,
    deletedCount: 5,
    countDelta: 4120,
    retainedDeltaBytes: 1,
    shareOfGrowthRatio: 1,
    confidence: 'high',
    confidenceReason: '',
    retainerPath,
    holder: '',
  };
}

describe('formatRetainerPath', () => {
  it('writes a line per step, root first, and counts at the step from one to many', () => {
    const path = suspect(
      root,
      {
        ...rest,
        edge: 'store, in module scope',
        name: 'SessionStore',
        source: 'session-store.js:41',
        role: 'holder',
      },
      { ...rest, edge: '.sessions', name: 'Map', role: 'accumulator' },
      { ...rest, edge: '[key]', name: '{expires, session}', role: 'holder' },
      { ...rest, edge: '.session', name: 'Session', source: 'session.js:8', role: 'culprit' },
    );
    expect(formatRetainerPath(path)).toEqual([
      '(GC roots)',
      'store in module scope → SessionStore (session-store.js:41)',
      '.sessions → Map',
      '4,120 values → {expires, session}',
      '.session → Session (session.js:8)',
    ]);
  });

  it.each([
    ['[index]', '4,120 elements → Session'],
    ['(value)', '4,120 values → Session'],
    ['.previous', '.previous, 4,120 in all → Session'],
  ])('counts over %s', (edge, line) => {
    const path = suspect(
      root,
      { ...rest, edge: '.all', name: 'Thing', role: 'accumulator' },
      { ...rest, edge, name: 'Session', role: 'culprit' },
    );
    expect(formatRetainerPath(path)[2]).toBe(line);
  });

  it('lets no name of the heap write to the terminal', () => {
    const name = `\u001b[31mred\u0007${'x'.repeat(200)}`;
    const line = formatRetainerPath(suspect(root, { ...rest, edge: '.a\nb', name, role: 'culprit' }))[1]!;
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(line).not.toMatch(/[\u0000-\u001f]/);
    expect(line.length).toBeLessThan(150);
  });
});
