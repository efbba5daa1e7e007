import type { ProblemDetails } from '@heapfloor/contract';
import { describe, expect, test } from 'vitest';
import { buildDowngradedRecord, buildLeakRecord, buildRecord, pageView } from '../capture-record.fixture.ts';
import { buildReport } from '../leak-report.fixture.ts';
import { renderCapturesPage } from './captures-page.ts';
import { renderErrorPage } from '../error-page.ts';
import type { TargetView } from '../page-view.ts';
import { attributesOf, elementText, headingsOf, textOf } from '../read-page.fixture.ts';
import { renderTargetsPage } from './targets-page.ts';

describe('the list of captures', () => {
  const leak = buildLeakRecord();
  const yesterday = buildDowngradedRecord({ id: 'yesterday-1', createdAt: '2026-11-22T16:05:02Z' });
  const failed = buildRecord({
    id: 'earlier-01',
    state: 'failed',
    createdAt: '2026-11-20T22:08:33Z',
    error: { code: 'RECEIVER_CONTROL_TIMEOUT', message: 'The app did not end the capture. Raise it.' },
  });
  const page = renderCapturesPage([yesterday, failed, leak], pageView);

  test('groups by day, newest first', () => {
    expect(headingsOf(page)).toEqual(['Today, 23 Nov', 'Yesterday, 22 Nov', 'Earlier']);
    const links = attributesOf(page, 'href').filter((href) => href.startsWith('/captures/'));
    expect(links).toEqual(['/captures/01jd8qk2m7-shop', '/captures/yesterday-1', '/captures/earlier-01']);
  });

  test('says of each when, where, floor, outcome, finding and cost', () => {
    const text = textOf(page);
    expect(text).toContain(
      '6 h ago shop shop-6c9d7b5f4-x2k4q Floor 81 % Leak found Session +41,208 objects, +37.9 MiB SessionStore.sessions, src/session-store.js:41 2 snapshots, 217.9 MiB longest stall 31 ms',
    );
    expect(text).toContain(
      '16:05 checkout checkout-5f7c9d8b6-4wq8n Floor 81 % Refused Snapshot needs 3,663.4 MiB, 419.2 MiB free profile instead: memoKey 38 %, src/price-cache.js:31 profile, 0.5 MiB stall 0 ms',
    );
    expect(text).toContain(
      '20 Nov shop shop-6c9d7b5f4-x2k4q Floor 81 % Failed The app did not end the capture RECEIVER_CONTROL_TIMEOUT',
    );
  });

  test('counts what there is', () => {
    expect(textOf(page)).toContain('3 captures: 1 leak found, 1 refused, 1 failed');
  });

  test('tells a leak from a snapshot that compares nothing', () => {
    const snapshots = buildReport().snapshots.slice(0, 1);
    const one = buildLeakRecord({ report: buildReport({ suspect: null, snapshots }) });
    const none = buildLeakRecord({ report: buildReport({ suspect: null }) });
    expect(textOf(renderCapturesPage([one], pageView))).toContain('Taken One snapshot, nothing to compare');
    expect(textOf(renderCapturesPage([none], pageView))).toContain('No leak No class piles up');
  });

  test('has the receiver’s health in figures', () => {
    expect(textOf(page)).toContain('Receiver Ready up 12 d Last webhook 6 s ago Open jobs 1');
  });

  test('says when empty how to get the first one', () => {
    const empty = renderCapturesPage([], { ...pageView, lastWebhookAt: null });
    expect(headingsOf(empty)).toEqual(['No capture yet']);
    expect(textOf(empty)).toContain('Alertmanager at https://heapfloor.example/hooks/alertmanager');
    expect(textOf(empty)).toContain('heapfloor demo');
    expect(textOf(empty)).toContain('Last webhook none yet');
  });

  test('marks the page in the navigation', () => {
    expect(page).toMatch(/<a href="\/captures" aria-current="page">Captures<\/a>/u);
  });
});

describe('the list of targets', () => {
  const target: TargetView = {
    instance: 'shop-1',
    service: 'shop',
    version: 'v2.14.0',
    address: 'unix:/run/heapfloor/shop.sock',
    floorRatio: 0.41,
    lastSeenAt: new Date('2026-11-23T08:44:02Z'),
    lastCapture: null,
  };

  test('shows the fullest first, each with endpoint, floor, last seen and last capture', () => {
    const full = { ...target, instance: 'shop-2', floorRatio: 0.81, lastCapture: buildLeakRecord() };
    const page = renderTargetsPage([target, full], pageView);
    expect(textOf(page)).toMatch(
      /shop-2 .* 81 % seen 6 s ago Leak found 6 h ago shop v2\.14\.0 shop-1 .* 41 % .* no capture yet/u,
    );
    expect(textOf(page)).toContain('2 targets, 1 with the floor above 75 %');
    expect(attributesOf(page, 'aria-label')).toContain('Floor 81\u00a0% of the limit, threshold 75\u00a0%');
  });

  test('says what is not known', () => {
    const text = textOf(renderTargetsPage([{ ...target, floorRatio: null, lastSeenAt: null }], pageView));
    expect(text).toContain('no reading yet never seen no capture yet');
    expect(text).toContain('1 target, no floor above 75 %, 1 never seen');
  });

  test('says when empty what a target is', () => {
    expect(headingsOf(renderTargetsPage([], pageView))).toEqual(['No target registered']);
  });

  test('escapes what a target tells of itself', () => {
    const page = renderTargetsPage([{ ...target, service: '<img src=x>', address: '"><script>' }], pageView);
    expect(page).not.toMatch(/<img|<script/u);
  });
});

describe('the page of an error', () => {
  const problem: ProblemDetails = {
    type: 'about:blank',
    title: 'receiver not found',
    status: 404,
    code: 'RECEIVER_NOT_FOUND',
    detail: 'There is no capture <x>.',
  };

  test('says what went wrong, its code, and the way back', () => {
    const page = renderErrorPage(problem, pageView);
    expect(elementText(page, 'h1')).toBe('Receiver not found');
    expect(textOf(page)).toContain(
      'There is no capture <x>. Status status 404 Code code RECEIVER_NOT_FOUND Show all captures',
    );
    expect(page).not.toContain('<x>');
  });
});
