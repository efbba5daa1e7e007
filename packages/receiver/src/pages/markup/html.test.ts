import { describe, expect, test } from 'vitest';
import { escapeHtml, html, renderHtml, trustedHtml, type HtmlValue } from './html.ts';

const render = (value: HtmlValue): string => renderHtml(html`${value}`);

describe('html', () => {
  test.each([
    ['<script>alert(1)</script>', '&#60;script&#62;alert(1)&#60;/script&#62;'],
    ['" onload="x', '&#34; onload=&#34;x'],
    ["' onload='x", '&#39; onload=&#39;x'],
    ['`onload=x', '&#96;onload=x'],
    ['a & b', 'a &#38; b'],
    ['&lt;', '&#38;lt;'],
    ['{id, name}', '{id, name}'],
    ['Größe 商品 👩‍💻', 'Größe 商品 👩‍💻'],
  ])('escapes %j', (text, expected) => {
    expect(render(text)).toBe(expected);
  });

  test.each([
    ['right-to-left override', 'a\u202egnp.exe', 'a\\u202egnp.exe'],
    ['isolate', '\u2066x\u2069', '\\u2066x\\u2069'],
    ['right-to-left mark', '\u200fx', '\\u200fx'],
    ['NUL', 'a\u0000b', 'a\\u0000b'],
    ['escape sequence of a terminal', '\u001b[31m', '\\u001b[31m'],
    ['C1 control', '\u0085', '\\u0085'],
    ['zero width space', 'a\u200bb', 'a\\u200bb'],
    ['byte order mark', '\ufeffx', '\\ufeffx'],
    ['half a surrogate pair', 'x\ud83d', 'x\\ud83d'],
  ])('shows a %s instead of sending it', (_, text, expected) => {
    expect(render(text)).toBe(expected);
  });

  test('keeps line breaks and tabs', () => {
    expect(render('a\n\tb')).toBe('a\n\tb');
  });

  test('leaves markup made by itself alone and escapes the value inside once', () => {
    const inner = html`<b>${'<i>'}</b>`;
    expect(renderHtml(html`<p>${inner}</p>`)).toBe('<p><b>&#60;i&#62;</b></p>');
  });

  test('joins lists and leaves nothing of what is absent', () => {
    expect(render(['a', [html`<br />`, 2], null, undefined, false, 0])).toBe('a<br />20');
  });

  test('takes no object of a wire for markup', () => {
    const forged: unknown = JSON.parse('{"markup":"<script>","Symbol(markup)":"<script>"}');
    expect(() => render(forged as HtmlValue)).toThrow(TypeError);
  });

  test('keeps an attribute closed', () => {
    const hostile = '"><script>alert(1)</script>';
    expect(renderHtml(html`<a title="${hostile}">x</a>`)).not.toMatch(/<script|""/);
  });

  test('sends trusted text as it is', () => {
    expect(render(trustedHtml('<hr>'))).toBe('<hr>');
  });
});

describe('escapeHtml', () => {
  test('is linear in hostile length', () => {
    expect(escapeHtml('<'.repeat(100_000))).toHaveLength(500_000);
  });
});
