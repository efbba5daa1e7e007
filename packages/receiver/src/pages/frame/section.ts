import { html, type Html } from '../markup/html.ts';

/** A block of the page under a heading that names it. */
export interface Section {
  /** Anchor of the heading: `since`. */
  readonly id: string;
  readonly heading: string;
  /** The word in the navigation, where the heading is longer. */
  readonly label: string;
  /** Beside the heading. */
  readonly note?: Html | null;
  readonly body: Html;
}

/** A section of the first screen. */
export function answer({ id, heading, note, body }: Section): Html {
  return html`<section class="answer" aria-labelledby="${id}">
    <h2 id="${id}">${heading}</h2>
    ${note} ${body}
  </section>`;
}

/** A section of the evidence below. */
export function evidence({ id, heading, note, body }: Section): Html {
  return html`<section class="evidence" aria-labelledby="${id}">
    <div class="evidence-head">
      <h2 id="${id}">${heading}</h2>
      ${note}
    </div>
    ${body}
  </section>`;
}

/** Jumps to the evidence. */
export function evidenceNav(sections: readonly Section[]): Html {
  return html`<nav class="evidence-nav" aria-label="Evidence">
    <strong class="wide-only">Evidence</strong>
    ${sections.map(({ id, label }) => html`<a href="#${id}">${label}</a>`)}
  </nav>`;
}

/** Small explaining text. */
export function note(text: Html | string): Html {
  return html`<p class="note">${text}</p>`;
}
