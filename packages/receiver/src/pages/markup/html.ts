/** Key of the text inside {@link Html}. A symbol, so that no JSON from outside can pass for markup. */
const markup: unique symbol = Symbol('markup');

/** Markup that is safe to send: made by {@link html} or {@link trustedHtml} only. */
export interface Html {
  readonly [markup]: string;
}

/** What a template takes: text is escaped, markup is not, nothing (null, undefined, false) leaves no trace. */
export type HtmlValue = string | number | Html | null | undefined | false | readonly HtmlValue[];

/** Joins literal markup with values; every value that is not markup itself is escaped, also for attributes in quotes. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const parts = strings.map((literal, index) => literal + toMarkup(values[index]));
  return trustedHtml(parts.join(''));
}

/** Marks text of our own source as markup. Never for anything that came over a wire. */
export function trustedHtml(text: string): Html {
  return { [markup]: text };
}

/** The text to send. */
export function renderHtml(value: Html): string {
  return value[markup];
}

/** Text as it may stand between tags or in a quoted attribute, with nothing invisible left in it. */
export function escapeHtml(text: string): string {
  return showInvisible(text).replaceAll(/[&<>"'`]/g, (char) => `&#${char.charCodeAt(0)};`);
}

function toMarkup(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return '';
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return isHtml(value) ? value[markup] : value.map(toMarkup).join('');
}

function isHtml(value: Html | readonly HtmlValue[]): value is Html {
  return markup in value;
}

/**
 * Control characters, direction marks and overrides (Unicode UAX #9, "Trojan Source", CVE-2021-42574), invisible
 * separators and half surrogate pairs, written as JavaScript would: a class named `\u202e…` must not turn the page around.
 */
function showInvisible(text: string): string {
  return text.replaceAll(
    // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\p{Cs}]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
