/** Styles of the frame of every page: document, header, footer, and what stands on all of them. */
export const frameCss: string = String.raw`/* base: the document, its text and its focus ring */
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: var(--space-4); }
body { margin: 0; background: var(--paper); color: var(--ink); font: var(--text-body)/var(--leading) var(--font-text); font-variant-numeric: tabular-nums; font-variant-ligatures: no-contextual; }
h1, h2, h3, p, dl, dd, ol, ul, pre, figure, table { margin: 0; }
ol, ul { padding: 0; list-style: none; }
code, pre { font-family: var(--font-code); font-size: 0.93em; font-variant-ligatures: none; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 0.18em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: var(--focus-ring); outline-offset: var(--focus-offset); border-radius: var(--radius-small); }
h2 { font-size: var(--text-lead); font-weight: var(--weight-strong); line-height: var(--leading-tight); }
h3 { font-size: var(--text-body); font-weight: var(--weight-strong); }
svg text { font-family: var(--font-text); font-size: 12px; fill: var(--ink-soft); font-variant-numeric: tabular-nums; }
.visually-hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

/* print-only: the address, on paper */
.print-only { display: none; }

/* skip-link: first stop of the keyboard, seen only when focused */
.skip-link { position: absolute; left: var(--page-gutter); top: -4rem; padding: var(--space-2) var(--space-3); background: var(--paper); z-index: 1; }
.skip-link:focus { top: var(--space-2); }

/* icon-sprite: symbols used by the page, never drawn themselves */
.icon-sprite { display: none; }

/* icon: 14 px, takes the colour of its text */
.icon { width: 0.875rem; height: 0.875rem; flex: none; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }

/* page-header: name, pages, health; one line at a desk, two on a phone */
.page-header { display: flex; flex-wrap: wrap; align-items: center; gap: 0 var(--space-5); padding: 0 max(var(--page-gutter), (100% - var(--page-width)) / 2 + var(--page-gutter)); border-bottom: var(--hairline); font-size: var(--text-small); }
.page-header a { color: inherit; text-decoration: none; }
.brand { display: flex; align-items: center; gap: var(--space-2); min-height: 2.75rem; font-weight: var(--weight-strong); }
.brand svg { width: 1.25rem; height: 1.25rem; }
.brand-used { stroke: var(--heap-used); stroke-width: 1.5; }
.brand-floor { stroke: var(--floor); stroke-width: 2.25; }
.page-nav { display: flex; gap: var(--space-4); }
.page-nav a { display: flex; align-items: center; min-height: 2.75rem; color: var(--ink-soft); }
.page-nav a:hover, .page-nav [aria-current] { color: var(--ink); }
.page-nav [aria-current] { box-shadow: inset 0 -2px var(--ink); }

/* health-line: is the watcher itself well; words first, colour second */
.health-line { display: flex; flex-wrap: wrap; align-items: center; gap: 0 var(--space-3); margin-left: auto; color: var(--ink-soft); }
.health-line > * { display: inline-flex; align-items: center; gap: var(--space-1); }
.health-ok { color: var(--ok); }

/* page-body: the column everything sits in */
.page-body { max-width: var(--page-width); margin: 0 auto; padding: var(--space-4) var(--page-gutter) var(--space-7); overflow-wrap: anywhere; }

/* empty-state: says what is not there, why, and the next step */
.empty-state { display: grid; gap: var(--space-3); justify-items: start; max-width: 44rem; padding: var(--space-5) 0; }
.empty-state .command { width: 100%; }

/* page-footer: versions, for the bug report */
.page-footer { display: flex; flex-wrap: wrap; gap: 0 var(--space-4); padding: var(--space-3) max(var(--page-gutter), (100% - var(--page-width)) / 2 + var(--page-gutter)) var(--space-5); border-top: var(--hairline); color: var(--ink-faint); font-size: var(--text-small); }
`;
