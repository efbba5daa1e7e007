import { describe, expect, test } from 'vitest';
import { atAlert, buildGuard, buildLeakRecord, buildVerdict, pageView } from '../capture-record.fixture.ts';
import { buildAllocations, buildReport, buildSuspect } from '../leak-report.fixture.ts';
import { renderCapturePage } from './capture-page.ts';
import { markupProblems, textOf } from '../read-page.fixture.ts';

describe('hostile values', () => {
  const evil = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)>\u202egnp\u0000';
  const long = 'Namespace.'.repeat(500);
  const suspect = {
    ...buildSuspect({ holder: evil + long, source: evil, confidenceReason: evil }),
    constructor: evil,
  };
  const record = buildLeakRecord({
    target: { instance: evil, service: evil, version: evil },
    error: { code: evil, message: evil },
    timeline: [evil, 'constructor', '__proto__'].map((event) => ({ at: atAlert(0), event, detail: evil })),
    verdict: buildVerdict({
      explanation: evil,
      steps: [
        {
          kind: 'heap-snapshot',
          outcome: 'refused',
          drains: false,
          guards: [evil, 'constructor', '__proto__'].map((guard) =>
            buildGuard({ guard, reason: evil, numbers: { [evil]: 1 } }),
          ),
        },
      ],
    }),
    report: buildReport({
      suspect: {
        ...suspect,
        retainerPath: suspect.retainerPath.map((step) => ({ ...step, name: evil, edge: evil, source: long })),
      },
      constructors: buildReport().constructors.map((row) => ({ ...row, name: evil })),
      summary: buildReport().summary.map((row) => ({ ...row, name: evil + long })),
    }),
    allocations: buildAllocations({
      sites: buildAllocations().sites.map((site) => ({
        ...site,
        functionName: evil,
        source: evil,
        stack: [evil, long],
      })),
    }),
  });

  test.each(['succeeded', 'downgraded', 'refused', 'failed', 'running', 'queued'] as const)(
    'cannot leave their place: %s',
    (state) => {
      const page = renderCapturePage({ ...record, state }, pageView);
      expect(page.match(/<script/gu)?.length ?? 0).toBe(page.match(/<script nonce="abc">/gu)?.length ?? 0);
      for (const raw of ['<img', '\u202e', '\u0000']) expect(page).not.toContain(raw);
      expect(markupProblems(page)).toEqual([]);
      expect(page.length).toBeLessThan(400_000);
    },
  );

  test('are shown as they are spelt', () => {
    expect(textOf(renderCapturePage(record, pageView))).toContain('<script>alert(1)</script>');
    expect(textOf(renderCapturePage(record, pageView))).toContain('\\u202egnp\\u0000');
  });
});
