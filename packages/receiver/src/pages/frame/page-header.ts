import { healthLine } from './health.ts';
import { html, type Html } from '../markup/html.ts';
import { brandMark } from '../markup/icon.ts';
import type { PageView } from '../page-view.ts';

/** Where a page stands in the navigation. */
export interface CurrentPage {
  readonly section: 'captures' | 'targets' | null;
  /** The page is the section's own and not one below it. */
  readonly isSectionPage: boolean;
}

/** Name, pages, and the health line where the page has no figures of its own for it. */
export function pageHeader(view: PageView, current: CurrentPage, withHealth: boolean): Html {
  return html`<header class="page-header">
    <a class="brand" href="/captures">${brandMark()}Heapfloor</a>
    <nav class="page-nav" aria-label="Pages">
      ${navLink('captures', 'Captures', current)} ${navLink('targets', 'Targets', current)}
    </nav>
    ${withHealth && healthLine(view)}
  </header>`;
}

function navLink(section: 'captures' | 'targets', text: string, current: CurrentPage): Html {
  if (section !== current.section) return html`<a href="/${section}">${text}</a>`;
  return html`<a href="/${section}" aria-current="${current.isSectionPage ? 'page' : 'true'}">${text}</a>`;
}
