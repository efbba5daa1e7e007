/** Styles of what changes by screen, colours and paper; last, since it overrides the rest. */
export const screenCss: string = String.raw`/* tablet: one column in the same order */
@media (max-width: 64rem) {
  .answer-grid, .evidence-pair { grid-template-columns: minmax(0, 1fr); }
  .file-list li { grid-template-columns: minmax(0, 1fr) auto; }
  .file-list li > code, .file-what { grid-column: 1; }
  .file-size { grid-area: 1 / 2; }
  .file-download { grid-area: 2 / 2 / 4 / 2; }
  .capture-row { grid-template-columns: minmax(0, 1fr) 8.5rem; grid-template-areas: "outcome time" "finding finding" "place floor"; gap: var(--space-1) var(--space-4); padding: var(--space-3) 0; }
  .capture-time { text-align: right; }
  .capture-cost { display: none; }
  .target-row { grid-template-columns: auto minmax(0, 1fr); gap: var(--space-1) var(--space-4); padding: var(--space-3) 0; }
  .target-place { grid-column: 1 / -1; }
  .target-address { grid-column: 1 / -1; }
  .target-floor { grid-column: 1 / -1; }
  .target-capture { justify-content: end; text-align: right; }
  .target-word { display: inline; }
  .list-head { display: none; }
}

/* phone: what does not decide steps back */
@media (max-width: 45rem) {
  .wide-only { display: none !important; }
  .health-line { width: 100%; margin: 0; padding-bottom: var(--space-2); font-size: 0.8125rem; }
  .page-header { gap: 0 var(--space-4); }
  .page-nav { margin-left: auto; }
  .figures { grid-template-columns: repeat(2, auto); justify-content: start; column-gap: var(--space-6); }
  .retainer-head, .retainer { grid-template-columns: minmax(0, 1fr) 6.25rem; column-gap: var(--space-3); }
  .treemap-wide { display: none; }
  .treemap-narrow { display: block; }
  .capture-mark { x: -5.5px; width: 11px; }
  .capture-mark-pair { x: -11px; width: 22px; }
  .verdict-table tr > :last-child { position: relative; }
  .guard-word { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .evidence-nav { gap: 0 var(--space-3); justify-content: space-between; }
  .column-switch { display: inline-flex; }
  .column-switch:not(:has(:checked)) + .table-scroll .column-detail { display: none; }
  .column-switch:has(:checked) + .table-scroll .data-table { width: max-content; }
  .column-switch:has(:checked) + .table-scroll .data-table tr > :first-child { position: sticky; left: 0; max-width: 8.5rem; background: var(--paper); }
  .data-table th, .data-table td { padding-right: var(--space-2); }
  .data-table .bar-cell { min-width: 3.5rem; width: 20%; }
  .data-table th .source { display: block; }
  .timeline li { grid-template-columns: 4.5rem minmax(0, 1fr) auto; }
  .timeline .bar { grid-column: 1 / -1; }
  .next-steps > li { grid-template-columns: 1.25rem minmax(0, 1fr); }
  .next-steps p span { display: inline; }
  .next-steps p span::before { content: "\b7\a0"; }
  .next-steps .command { grid-column: 1 / -1; font-size: 0.8125rem; }
  .next-steps .next-how { grid-column: 1 / -1; padding: 0; }
  .file-download a { display: inline-flex; align-items: center; min-height: var(--tap); }
  .condition-list li { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .health-strip { gap: var(--space-3) var(--space-6); }
}

/* narrowest: at 320 px the letters stand without their word */
@media (max-width: 22.5rem) {
  .floor-plot .label-capture, .floor-plot .label-forecast, .floor-plot .narrow-drop { display: none; }
}

/* forced-colours: pictures keep their colours, since they carry meaning */
@media (forced-colors: active) {
  .bar, .treemap, .icicle, .floor-plot, .sparkline, .headroom { forced-color-adjust: none; }
}

/* print: evidence without controls */
@media print {
  .page-nav, .health-line, .evidence-nav, .column-switch, .skip-link, .button { display: none; }
  .print-only { display: inline; }
  .file-list .hash { overflow: visible; white-space: normal; overflow-wrap: anywhere; }
  .answer, .data-table tr, .timeline li, .file-list li { break-inside: avoid; }
}
`;
