import { formatAbsolute } from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import type { PageView } from '../page-view.ts';

/** The conventions of every number above, and on paper the address that the sheet came from. */
export function pageFooter(view: PageView, path: string): Html {
  return html`<footer class="page-footer">
    <span>Heapfloor</span>
    <span>Times in UTC</span>
    <span>1 MiB = 1,048,576 bytes</span>
    <span>as of ${formatAbsolute(view.now)}</span>
    <span class="print-only">${view.baseUrl.replace(/\/+$/u, '')}${path}</span>
  </footer>`;
}
