import { html, type Html } from './html.ts';

export type IconName = 'leak' | 'check' | 'refused' | 'failed' | 'running';

/** An icon of the sprite; always beside a word, so it is hidden from screen readers. */
export function icon(name: IconName): Html {
  return html`<svg class="icon" aria-hidden="true"><use href="#icon-${name}" /></svg>`;
}

/** The symbols that {@link icon} refers to; once per page. */
export function iconSprite(): Html {
  return html`<svg class="icon-sprite" aria-hidden="true">
    <symbol id="icon-leak" viewBox="0 0 16 16">
      <path d="M8 1.75C8 1.75 3.25 6.5 3.25 9.75a4.75 4.75 0 0 0 9.5 0C12.75 6.5 8 1.75 8 1.75Z" />
      <path d="M8 6.75v2.75M8 11.75v.01" />
    </symbol>
    <symbol id="icon-check" viewBox="0 0 16 16"><path d="M3 8.5 6.5 12 13 4.5" /></symbol>
    <symbol id="icon-refused" viewBox="0 0 16 16">
      <circle cx="8" cy="8" r="6" />
      <path d="M3.8 12.2 12.2 3.8" />
    </symbol>
    <symbol id="icon-failed" viewBox="0 0 16 16"><path d="M4 4 12 12M12 4 4 12" /></symbol>
    <symbol id="icon-running" viewBox="0 0 16 16">
      <circle cx="8" cy="8" r="6" />
      <path d="M8 4.5V8l2.5 1.5" />
    </symbol>
  </svg>`;
}

/** The mark beside the name: the floor under the saw teeth of the heap. */
export function brandMark(): Html {
  return html`<svg
    viewBox="0 0 20 20"
    aria-hidden="true"
    fill="none"
    stroke-linejoin="round"
    stroke-linecap="round"
  >
    <path class="brand-used" d="M2 13 6.5 5v6.5L11 4v6L16 2.5V9" />
    <path class="brand-floor" d="M2 17h3.5l5-2.5L18 11" />
  </svg>`;
}
