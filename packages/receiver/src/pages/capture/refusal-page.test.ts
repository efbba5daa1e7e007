import { describe, expect, test } from 'vitest';
import {
  buildDowngradedRecord,
  buildGuard,
  buildRecord,
  buildVerdict,
  pageView,
  refusedHeadroom,
} from '../capture-record.fixture.ts';
import { MIB } from '../leak-report.fixture.ts';
import { renderCapturePage } from './capture-page.ts';
import { elementText, headingsOf, sectionText, textOf } from '../read-page.fixture.ts';

type Changes = Parameters<typeof buildRecord>[0];
const plainPage = (differs: Changes = {}): string => renderCapturePage(buildRecord(differs), pageView);

describe('the page of a refusal', () => {
  const page = renderCapturePage(buildDowngradedRecord(), pageView);

  test('begins with what was refused, why, and what there is instead', () => {
    expect(elementText(page, 'h1')).toBe('Snapshot refused: not enough memory. A profile points at memoKey');
    expect(textOf(page)).toContain('Refused, profile instead');
  });

  test('answers what was refused, when again, what instead, what next', () => {
    expect(headingsOf(page)).toEqual([
      'What was refused',
      'When to try again',
      'What was captured instead',
      'What next',
      'Since when',
      'Verdict',
      'Alert to report: 44 s',
      'Files',
    ]);
  });

  test('names the guard and its numbers', () => {
    const text = sectionText(page, 'refused');
    expect(text).toContain('by the guard memory headroom');
    expect(text).toContain('Needs 3,663.4 MiB Free 419.2 MiB Missing 3,244.2 MiB');
  });

  test('says when to try again, with a number', () => {
    expect(sectionText(page, 'again')).toContain('With more memory 3,244.2 MiB more free');
  });

  test('draws the call paths and lists the allocators', () => {
    const text = sectionText(page, 'instead');
    expect(text).toContain('24.8 MiB that are still alive');
    expect(text).toContain(
      'JSON.stringify allocates most; memoKey is the nearest code of your own on its way, 9.4 MiB or 38 %',
    );
  });

  test('marks the guard that refused, in words', () => {
    expect(sectionText(page, 'verdict')).toContain('Heap snapshot refused, 4 of 5 guards passed');
    expect(sectionText(page, 'verdict')).toContain('Memory headroom 3,663.4 MiB 419.2 MiB refused');
  });

  test('by time says when it ends', () => {
    const guards = [buildGuard({ guard: 'cooldown', outcome: 'refused', retryAt: '2026-11-23T09:02:00Z' })];
    const verdict = buildVerdict({
      grantedKind: null,
      outcome: 'refused',
      steps: [{ kind: 'heap-snapshot', outcome: 'refused', guards, drains: false }],
    });
    const text = textOf(plainPage({ state: 'refused', verdict }));
    expect(text).toContain('Snapshot refused: too soon after the last one. Nothing could be taken');
    expect(text).toContain('Later not before 09:02, in 17 min.');
    expect(text).toContain('Nothing: no cheaper kind was allowed either.');
  });

  test('lists every guard that refused', () => {
    const ceiling = buildGuard({
      guard: 'heap-ceiling',
      outcome: 'refused',
      reason: 'heapUsed is 812.4 MiB',
      numbers: { heapUsedBytes: 812 * MIB, heapCeilingBytes: 512 * MIB },
    });
    const verdict = buildVerdict({
      grantedKind: null,
      outcome: 'refused',
      steps: [
        { kind: 'heap-snapshot', outcome: 'refused', guards: [ceiling, refusedHeadroom], drains: false },
      ],
    });
    const text = sectionText(plainPage({ state: 'refused', verdict }), 'refused');
    expect(text).toContain('Ceiling 512.0 MiB Now 812.0 MiB Too much 300.0 MiB heapUsed is 812.4 MiB.');
    expect(text).toContain('Also by memory headroom:');
  });

  test('without a target asks for one', () => {
    const text = textOf(plainPage({ state: 'refused', target: null }));
    expect(text).toContain('Snapshot refused: no registered target matches the alert');
    expect(text).toContain('service_name="shop", service_instance_id="shop-6c9d7b5f4-x2k4q"');
  });
});
