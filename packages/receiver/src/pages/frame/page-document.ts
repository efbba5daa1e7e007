import { html, renderHtml, type Html } from '../markup/html.ts';
import { iconSprite } from '../markup/icon.ts';
import { pageFooter } from './page-footer.ts';
import { pageHeader, type CurrentPage } from './page-header.ts';
import type { PageView } from '../page-view.ts';

export interface PageParts {
  /** Of the browser's tab. */
  readonly title: string;
  /** Of this page on the receiver: `/captures`. */
  readonly path: string;
  readonly current: CurrentPage;
  /** The page shows the receiver's health in its body. */
  readonly hasOwnHealth?: boolean;
  /** Elements for `<head>` and after the footer: reloading and sorting are extras. */
  readonly head?: Html | null;
  readonly scripts?: readonly Html[];
  readonly main: Html;
}

/** A whole document. Complete without JavaScript; nothing is loaded from elsewhere. */
export function pageDocument(view: PageView, parts: PageParts): string {
  const body = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${parts.title} - Heapfloor</title>
      <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
      <link rel="stylesheet" href="/assets/tokens.css" />
      <link rel="stylesheet" href="/assets/components.css" />
      ${parts.head}
    </head>
    <body>
      ${iconSprite()}
      <a class="skip-link" href="#main">Skip to content</a>
      ${pageHeader(view, parts.current, parts.hasOwnHealth !== true)}
      <main class="page-body" id="main">${parts.main}</main>
      ${pageFooter(view, parts.path)} ${parts.scripts}
    </body>
  </html>`;
  return `<!doctype html>\n${renderHtml(body)}\n`;
}
