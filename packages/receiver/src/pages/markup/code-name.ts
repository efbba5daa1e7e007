import { html, type Html } from './html.ts';

/** A class name can be as long as the program likes; longer ones are cut, the whole stands in `title`. */
const SHOWN_NAME_CHARS = 80;
/** A title attribute is a hint, not a document. */
const TITLE_CHARS = 1000;

/** A name out of the heap in the code font, spelt as there. */
export function codeName(name: string): Html {
  const shown = cutText(name, SHOWN_NAME_CHARS);
  return shown === name
    ? html`<code>${name}</code>`
    : html`<code title="${cutText(name, TITLE_CHARS)}">${shown}</code>`;
}

/** A place in the source in the code font, if it is known. */
export function sourcePlace(source: string | null): Html | null {
  return source === null ? null : html`<span class="source">${cutText(source, SHOWN_NAME_CHARS)}</span>`;
}

/** The text, or its beginning with `…`; never half of a surrogate pair. */
export function cutText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  return `${text.slice(0, maxChars - 1).replace(/[\ud800-\udbff]$/u, '')}…`;
}
