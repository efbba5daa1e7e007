import { describe, expect, test } from 'vitest';
import { atAlert, buildArtifact, buildLeakRecord, buildRecord, pageView } from '../capture-record.fixture.ts';
import { buildAllocations, buildReport, buildSuspect, MIB } from '../leak-report.fixture.ts';
import { renderCapturePage } from './capture-page.ts';
import { attributesOf, elementText, headingsOf, sectionText, textOf } from '../read-page.fixture.ts';

type Changes = Parameters<typeof buildRecord>[0];
const leakPage = (differs: Changes = {}): string => renderCapturePage(buildLeakRecord(differs), pageView);
const plainPage = (differs: Changes = {}): string => renderCapturePage(buildRecord(differs), pageView);

describe('the page of a leak', () => {
  test('begins with the finding as a sentence', () => {
    expect(elementText(leakPage(), 'h1')).toBe('Session objects pile up in SessionStore.sessions');
    expect(elementText(leakPage(), 'title')).toBe(
      'Leak found: Session in SessionStore.sessions, shop - Heapfloor',
    );
  });

  test('answers what, who, since when, what next, and then shows the evidence', () => {
    expect(headingsOf(leakPage())).toEqual([
      'What grows',
      'Who holds it',
      'Since when',
      'What next',
      'Comparison of A and B',
      'Snapshot B by class',
      'Verdict',
      'Alert to report: 6 min 20 s',
      'Files',
    ]);
  });

  test('says how much time was left, and what a restart buys', () => {
    expect(textOf(leakPage())).toContain(
      'At 7.8 MiB/min the heap was to reach its limit about 02:26. A restart buys at least 52 min.',
    );
  });

  test('looks ahead while the limit is ahead', () => {
    const now = new Date(atAlert(400));
    const page = renderCapturePage(buildLeakRecord(), { ...pageView, now });
    expect(textOf(page)).toContain('the heap reaches its limit about 02:26');
  });

  test('names class, count, bytes, share and the reason of the confidence', () => {
    const text = sectionText(leakPage(), 'what');
    expect(text).toContain('Session src/session.js:8');
    expect(text).toContain('Objects +41,208 Retained +37.9 MiB Of the growth 94 % Confidence High');
    expect(text).toContain(
      'In 5 min 11 s, snapshots A to B. 41,902 came, 694 went, and one Map holds all of them.',
    );
  });

  test('draws the retainer path from the root to the culprit', () => {
    expect(sectionText(leakPage(), 'who')).toMatch(
      /\(GC roots\) 458\.4 MiB require\.cache\["src\/server\.js"\] Module src\/server\.js 361\.8 MiB .* \.sessions Map accumulates here 355\.4 MiB 371,214 values Session src\/session\.js:8 964 B each/u,
    );
  });

  test('counts the middle of a long path', () => {
    const [root, ...rest] = buildSuspect().retainerPath;
    if (root === undefined) throw new Error('a root is needed');
    const retainerPath = [
      root,
      ...Array.from({ length: 20 }, () => ({ ...root, edge: '.next', name: 'Node' })),
      ...rest,
    ];
    const page = leakPage({ report: buildReport({ suspect: buildSuspect({ retainerPath }) }) });
    expect(sectionText(page, 'who')).toContain('… 15 objects in between');
    expect(page.match(/class="retainer-node"/gu)).toHaveLength(10);
  });

  test('has steps that need no knowledge of its own: holder, compare, DevTools', () => {
    const text = sectionText(leakPage(), 'next');
    expect(text).toContain(
      'Read the holder filled, never emptied SessionStore.sessions, in src/session-store.js:41',
    );
    expect(text).toContain('heapfloor compare shop-15.heapsnapshot shop-326.heapsnapshot');
    expect(text).toContain('Memory, Load profile: shop-326.heapsnapshot, then view Comparison');
    expect(text).not.toMatch(/kubectl|verify/u);
  });

  test('compares by size delta, with the culprit and the total of all', () => {
    const page = leakPage();
    const text = sectionText(page, 'comparison');
    expect(text).toContain('Session is fourth here');
    expect(text).toContain('(string) 141,870 9,902 +131,968 11.2 1.1 +10.1 CartLine');
    expect(text).toContain('All 14 that changed');
    expect(text).not.toContain('LruEntry');
    expect(page).toMatch(/class="culprit-row"[^]*?<code>Session<\/code>/u);
  });

  test('shows the culprit even when twelve classes grew more', () => {
    const constructors = buildReport().constructors.map((row) => ({
      ...row,
      sizeDeltaBytes: row.name === 'Session' ? MIB : 2 * MIB,
    }));
    const text = sectionText(leakPage({ report: buildReport({ constructors }) }), 'comparison');
    expect(text).toContain('Session is number 14 here');
    expect(text).toContain('Session 41,902 694');
  });

  test('has a treemap of own sizes, which add up, and a table of retained sizes, which do not', () => {
    const text = sectionText(leakPage(), 'retained');
    expect(text).toContain('Own size by class, of 458.4 MiB: (string) 103.0 MiB; CartLine 74.8 MiB');
    // 458.4 less the eleven classes, of which SessionStore is too small for a cell of its own.
    expect(text).toContain('others 15.8 MiB');
    expect(text).toContain('Map 4,012 13.8 361.0 79 %');
    expect(text).toContain('they do not add up');
  });

  test('lists the files with hash and download', () => {
    const page = leakPage();
    expect(attributesOf(page, 'href')).toContain('/captures/01jd8qk2m7-shop/artifacts/shop-15.heapsnapshot');
    expect(sectionText(page, 'files')).toContain('heap snapshot, 5,920,114 objects, stall 31 ms');
    expect(sectionText(page, 'files')).toContain(
      '00c6baa348f646477cf95f41c21b2617fbd7ae1274898389f3e483972d0f8f19',
    );
  });

  test('times each step of the timeline', () => {
    expect(sectionText(leakPage(), 'timeline')).toContain(
      '02:20:22 Two snapshots, longest stall 31 ms 5 min 40 s',
    );
  });

  test('without readings says why there is no chart, and the number of the alert', () => {
    const page = leakPage({ floorSamples: [] });
    expect(sectionText(page, 'since')).toContain('did not come through this receiver');
    expect(sectionText(page, 'since')).toContain('Floor at the alert 81 % of the limit');
    expect(page).not.toContain('floor-plot');
    expect(textOf(page)).toContain('The floor was at 81 % of the limit when the alert fired.');
  });

  test('tells when the alert was resolved, without pressing the steps together', () => {
    const alert = { ...buildRecord().alert, status: 'resolved' as const, endsAt: atAlert(7200) };
    const page = leakPage({ alert });
    expect(sectionText(page, 'timeline')).toContain('04:14:31 Alert NodejsHeapFloorHigh resolved');
    expect(headingsOf(page)).toContain('Alert to report: 6 min 20 s');
  });

  test('keeps what an analysis left when a part of the capture failed', () => {
    const page = leakPage({
      error: { code: 'RECEIVER_CAPTURE_FAILED', message: 'The second snapshot ended early.' },
    });
    expect(elementText(page, 'h1')).toContain('Session objects pile up');
    expect(sectionText(page, 'failed')).toContain('RECEIVER_CAPTURE_FAILED The second snapshot ended early.');
  });
});

describe('a capture without a suspect', () => {
  test('of two snapshots says that no leak was found', () => {
    const page = leakPage({ report: buildReport({ suspect: null, growthBytes: 0.8 * MIB }) });
    expect(elementText(page, 'h1')).toBe('No leak found in shop: no class piles up');
    expect(textOf(page)).toContain('Outcome No leak Instance');
    expect(sectionText(page, 'what')).toContain('Whole heap +0.8 MiB');
  });

  test('of one snapshot claims nothing about growth', () => {
    const { snapshots } = buildReport();
    const report = buildReport({ suspect: null, constructors: [], snapshots: snapshots.slice(0, 1) });
    const page = leakPage({ report });
    expect(elementText(page, 'h1')).toBe(
      'One snapshot of shop: it shows what fills the heap, not what grows',
    );
    expect(textOf(page)).not.toContain('No leak');
    expect(headingsOf(page)).not.toContain('Comparison of A and B');
  });

  test('of a profile points at the code that allocates', () => {
    const page = plainPage({ requestedKind: 'heap-profile', allocations: buildAllocations() });
    expect(elementText(page, 'h1')).toBe('A profile points at memoKey');
    expect(sectionText(page, 'allocations')).toContain('JSON.stringify 8.2 8.2 33 %');
  });

  test('that could not be analysed says so, with the error', () => {
    const page = leakPage({
      report: null,
      error: { code: 'RECEIVER_ANALYSIS_FAILED', message: 'Memory limit.' },
    });
    expect(elementText(page, 'h1')).toBe('Heap snapshot of shop taken, but not analysed');
    expect(sectionText(page, 'failed')).toContain('RECEIVER_ANALYSIS_FAILED Memory limit.');
  });
});

describe('the page of a capture under way', () => {
  test.each([
    ['queued', 'Heap snapshot of shop waits to start', 'Waiting'],
    ['running', 'Heap snapshot of shop is being taken', 'Running'],
  ] as const)('%s reloads itself, with and without JavaScript', (state, title, word) => {
    const page = plainPage({ state });
    expect(elementText(page, 'h1')).toBe(title);
    expect(textOf(page)).toContain(word);
    expect(page).toMatch(/<noscript><meta http-equiv="refresh" content="5" \/><\/noscript>/u);
    expect(page).toContain('<script nonce="abc">');
  });

  test('a finished capture does not reload', () => {
    expect(leakPage()).not.toContain('http-equiv="refresh"');
  });
});

describe('the page of a failure', () => {
  const error = {
    code: 'RECEIVER_CONTROL_UNREACHABLE',
    message:
      'The control endpoint of shop did not answer within 10 s (unix:/run/shop.sock); check that the service runs.',
  };

  test('says what failed, its code, and what to do', () => {
    const page = plainPage({ state: 'failed', error, attempts: 3 });
    expect(elementText(page, 'h1')).toBe(
      'Heap snapshot of shop failed: the control endpoint of shop did not answer within 10 s',
    );
    expect(sectionText(page, 'failed')).toContain('Heap snapshot, after 3 attempts.');
    expect(sectionText(page, 'failed')).toContain('check that the service runs.');
    expect(sectionText(page, 'failed')).toContain('The next alert tries again by itself.');
    expect(sectionText(page, 'next')).toContain('RECEIVER_CONTROL_UNREACHABLE');
  });

  test('names the files that were stored before', () => {
    const artifacts = [buildArtifact('diagnostic-report', 12, { sizeBytes: 104_858 })];
    expect(sectionText(plainPage({ state: 'failed', error, artifacts }), 'failed')).toContain(
      'One file, 0.1 MiB',
    );
  });
});
