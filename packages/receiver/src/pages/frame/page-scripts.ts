import { html, trustedHtml, type Html } from '../markup/html.ts';

/** Seconds between reloads of a page whose capture is under way. */
export const RELOAD_SECONDS = 5;

const SORT_SCRIPT = `
for (const table of document.querySelectorAll('[data-sortable]')) {
  const heads = [...table.tHead.rows[0].cells].slice(0, -1), body = table.tBodies[0];
  const value = (row, i) => {
    const text = row.cells[i].textContent;
    return i ? Number(text.replace('\\u2212', '-').replace(/[^\\d.-]/g, '')) : text.toLowerCase();
  };
  heads.forEach((head, i) => {
    const button = document.createElement('button');
    button.className = 'sort-button'; button.type = 'button'; button.textContent = head.textContent;
    head.replaceChildren(button);
    button.onclick = () => {
      const down = head.getAttribute('aria-sort') !== 'descending' && (i > 0 || head.hasAttribute('aria-sort'));
      heads.forEach((other) => other.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      body.append(...[...body.rows].sort((a, b) => (value(a, i) < value(b, i) ? -1 : 1) * (down ? -1 : 1)));
    };
  });
}
`;

const RELOAD_SCRIPT = `
const button = document.querySelector('[data-reload]');
const reload = () => setTimeout(() => location.reload(), ${RELOAD_SECONDS * 1000});
let timer = reload();
button.hidden = false;
button.onclick = () => {
  timer = timer === null ? reload() : clearTimeout(timer) ?? null;
  button.textContent = timer === null ? 'Go on reloading' : 'Stop reloading';
};
`;

/** Sorting is an extra: without it the table stands in DevTools' order, largest size delta first. */
export function sortScript(nonce: string): Html {
  return script(SORT_SCRIPT, nonce);
}

/** Reloads the page, and lets the reader stop that (WCAG 2.2.1, 2.2.2). */
export function reloadScript(nonce: string): Html {
  return script(RELOAD_SCRIPT, nonce);
}

/** The same for a browser without JavaScript, which has a stop button of its own. */
export function reloadWithoutScript(): Html {
  return html`<noscript><meta http-equiv="refresh" content="${RELOAD_SECONDS}" /></noscript>`;
}

function script(text: string, nonce: string): Html {
  return html`<script nonce="${nonce}">
    ${trustedHtml(text)};
  </script>`;
}
