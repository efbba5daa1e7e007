import type { ProblemDetails } from '@heapfloor/contract';
import { asSentence } from './findings/capture-words.ts';
import { cutText } from './markup/code-name.ts';
import { html } from './markup/html.ts';
import { pageDocument } from './frame/page-document.ts';
import type { PageView } from './page-view.ts';

const SHOWN_CHARS = 600;

/** What went wrong, its code, and the way back. */
export function renderErrorPage(problem: ProblemDetails, view: PageView): string {
  const title = asSentence(cutText(problem.title, SHOWN_CHARS)).replace(/\.$/u, '');
  return pageDocument(view, {
    title,
    path: '/captures',
    current: { section: null, isSectionPage: false },
    main: html`<header class="report-head">
        <h1>${title}</h1>
        <p class="report-lead">${asSentence(cutText(problem.detail, SHOWN_CHARS))}</p>
        <dl class="fact-line">
          <div>
            <dt>Status</dt>
            <dd>status ${problem.status}</dd>
          </div>
          <div>
            <dt>Code</dt>
            <dd>code <code>${problem.code}</code></dd>
          </div>
        </dl>
      </header>
      <p><a class="button" href="/captures">Show all captures</a></p>`,
  });
}
