import { describe, expect, test } from 'vitest';
import { pageAssets } from './assets/page-assets.ts';
import {
  buildDowngradedRecord,
  buildLeakRecord,
  buildRecord,
  buildVerdict,
  pageView,
  refusedHeadroom,
} from './capture-record.fixture.ts';
import { buildReport } from './leak-report.fixture.ts';
import { renderCapturePage, renderCapturesPage, renderErrorPage, renderTargetsPage } from './index.ts';
import { attributesOf, markupProblems } from './read-page.fixture.ts';

const records = [
  buildLeakRecord(),
  buildLeakRecord({ floorSamples: [] }),
  buildLeakRecord({ report: buildReport({ suspect: null }) }),
  buildDowngradedRecord(),
  buildRecord({
    state: 'refused',
    verdict: buildVerdict({
      steps: [{ kind: 'heap-snapshot', outcome: 'refused', guards: [refusedHeadroom], drains: false }],
    }),
  }),
  buildRecord({ state: 'failed', error: { code: 'X', message: 'x' } }),
  buildRecord({ state: 'running' }),
  buildRecord({ state: 'queued' }),
];
const target = {
  instance: 'a',
  service: 'a',
  version: null,
  address: 'a',
  floorRatio: 0.5,
  lastSeenAt: null,
  lastCapture: buildLeakRecord(),
};
const pages = [
  ...records.map((record) => renderCapturePage(record, pageView)),
  renderCapturesPage(records, pageView),
  renderCapturesPage([], pageView),
  renderTargetsPage([target, { ...target, floorRatio: null, lastCapture: null }], pageView),
  renderTargetsPage([], pageView),
  renderErrorPage({ type: 'about:blank', title: 'x', status: 404, code: 'X', detail: 'x' }, pageView),
];

describe('every page', () => {
  test('is well formed, without two elements of one id', () => {
    expect(pages.flatMap(markupProblems)).toEqual([]);
  });

  test('has one h1, a language, a viewport and a title', () => {
    for (const page of pages) {
      expect(page.match(/<h1/gu)).toHaveLength(1);
      expect(page).toMatch(/^<!doctype html>\n<html lang="en">/u);
      expect(page).toContain('name="viewport"');
      expect(page).toMatch(/<title>[^<]+ - Heapfloor<\/title>/u);
    }
  });

  test('fits a strict Content-Security-Policy: no style, no handler, no script without the nonce', () => {
    for (const page of pages) {
      expect(page).not.toMatch(/\sstyle=|\son[a-z]+=|<style|javascript:/iu);
      expect(page.match(/<script(?! nonce="abc">)/gu)).toBeNull();
    }
  });

  test('loads nothing from elsewhere', () => {
    const addresses = pages.flatMap((page) => [...attributesOf(page, 'href'), ...attributesOf(page, 'src')]);
    expect(addresses.filter((address) => !/^[/#]/u.test(address))).toEqual([]);
    expect(
      addresses
        .filter((address) => address.startsWith('/assets/'))
        .map((address) => pageAssets.has(address.slice(8))),
    ).not.toContain(false);
  });

  test('uses only classes that have a style', () => {
    const css = pageAssets.get('components.css')?.body ?? '';
    const classes = new Set(
      pages.flatMap((page) => attributesOf(page, 'class').flatMap((value) => value.split(/\s+/u))),
    );
    // Names without a style of their own: anchors of the outcome chip, lists, and the reference's.
    const bare = new Set(['', 'icicle-figure', 'capture-list', 'outcome-taken', 'verdict-table']);
    const unstyled = [...classes].filter(
      (name) => !bare.has(name) && !new RegExp(`\\.${name}(?![\\w-])`, 'u').test(css),
    );
    expect(unstyled).toEqual([]);
  });
});

describe('the assets', () => {
  test('are the two style sheets and the icon', () => {
    expect([...pageAssets].map(([name, { contentType }]) => [name, contentType])).toEqual([
      ['tokens.css', 'text/css; charset=utf-8'],
      ['components.css', 'text/css; charset=utf-8'],
      ['icon.svg', 'image/svg+xml'],
    ]);
  });

  test('use only names of the tokens', () => {
    const tokens = pageAssets.get('tokens.css')?.body ?? '';
    const css = pageAssets.get('components.css')?.body ?? '';
    const unknown = [...css.matchAll(/var\((--[\w-]+)\)/gu)]
      .map(([, name = '']) => name)
      .filter((name) => !tokens.includes(`${name}:`));
    expect(unknown).toEqual([]);
  });

  test('close every block, so that no rule swallows the next', () => {
    for (const { body } of pageAssets.values()) {
      expect(body.match(/\{/gu)?.length).toBe(body.match(/\}/gu)?.length);
    }
  });
});
