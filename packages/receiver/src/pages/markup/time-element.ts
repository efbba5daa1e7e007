import { formatAbsolute, formatRelative } from './format.ts';
import { html, type Html } from './html.ts';

/** A time as the page says it, with the exact one in `title` and `datetime`. */
export function timeElement(at: Date, text: string, className?: string): Html {
  const attribute = className === undefined ? null : html` class="${className}"`;
  return html`<time${attribute} datetime="${at.toISOString()}" title="${formatAbsolute(at)}">${text}</time>`;
}

/** `6 h ago`. */
export function relativeTime(at: Date, now: Date): Html {
  return timeElement(at, formatRelative(at, now));
}
