/** Styles of the sections below the first screen: tables, timeline, files. */
export const evidenceCss: string = String.raw`/* evidence: the sections below the first screen */
.evidence { padding: var(--space-4) 0 var(--space-6); border-top: 1px solid var(--line-strong); }
.evidence-head { display: flex; flex-wrap: wrap; align-items: baseline; gap: var(--space-1) var(--space-4); margin-bottom: var(--space-3); }
.evidence-head .note { flex: 1 1 24rem; }
.evidence-pair { display: grid; grid-template-columns: minmax(0, 7fr) minmax(0, 5fr); gap: 0 var(--space-7); }
.evidence-nav { display: flex; flex-wrap: wrap; gap: 0 var(--space-4); padding: var(--space-2) 0; border-top: 1px solid var(--line-strong); font-size: var(--text-small); }
.evidence-nav a { display: inline-flex; align-items: center; min-height: var(--tap); }
.evidence-nav strong { display: inline-flex; align-items: center; min-height: var(--tap); }

/* data-table: hairlines only, numbers right-aligned and tabular */
.table-scroll { overflow-x: auto; }
.data-table { width: 100%; border-collapse: collapse; font-size: var(--text-small); }
.data-table th, .data-table td { padding: 0.3125rem var(--space-3) 0.3125rem 0; border-bottom: var(--hairline); text-align: left; vertical-align: baseline; font-weight: 400; }
.data-table tr > :last-child { padding-right: 0; }
.data-table thead th { color: var(--ink-soft); border-bottom-color: var(--line-strong); white-space: nowrap; vertical-align: bottom; }
.data-table tfoot th, .data-table tfoot td { border-bottom: 0; font-weight: var(--weight-strong); }
.data-table th, .data-table .number { overflow-wrap: normal; }
.data-table .number { text-align: right; white-space: nowrap; }
.data-table tbody th code { overflow-wrap: anywhere; }
.data-table tbody tr:hover { background: var(--surface); }
.data-table .bar-cell { width: 24%; min-width: 5rem; vertical-align: top; padding-top: 0.625rem; }
.data-table .culprit-row th code, .data-table .culprit-row .delta { color: var(--leak); font-weight: var(--weight-strong); }
.data-table .delta { font-weight: var(--weight-strong); }
.sort-button { all: unset; position: relative; cursor: pointer; }
.sort-button:focus-visible { outline: var(--focus-ring); outline-offset: var(--focus-offset); }
.sort-button::after { position: absolute; left: calc(100% + 1px); }
.sort-button:hover { text-decoration: underline; }
[aria-sort] { color: var(--ink); }
[aria-sort="descending"] .sort-button::after { content: "↓"; }
[aria-sort="ascending"] .sort-button::after { content: "↑"; }

/* column-switch: on a phone, shows the columns that do not decide; nothing at a desk */
.column-switch { display: none; align-items: center; gap: var(--space-2); min-height: var(--tap); font-size: var(--text-small); }
.column-switch input { width: 1.125rem; height: 1.125rem; margin: 0; accent-color: var(--link); }

/* legend: only where direct labels do not fit */
.legend { display: flex; flex-wrap: wrap; gap: 0 var(--space-4); font-size: var(--text-small); color: var(--ink-soft); }
.legend li { display: inline-flex; align-items: center; gap: 0.375rem; }
.legend svg { width: 0.75rem; height: 0.75rem; border-radius: 2px; }

/* guard-result: icon and word for each guard of the verdict */
.guard-result { color: var(--ok); white-space: nowrap; }
.guard-result .icon { margin-right: 0.25rem; vertical-align: -0.125em; }
.guard-refused { color: var(--refused); font-weight: var(--weight-strong); }
.data-table .guard-counted th, .data-table .guard-counted td { padding-bottom: 0; border-bottom: 0; }
.data-table .guard-sum td { padding-top: 0; color: var(--ink-soft); font-size: var(--text-label); }
.data-table .step-row th { padding-top: var(--space-4); font-weight: var(--weight-strong); }
.data-table .refused-row > * { background: var(--refused-wash); }
.data-table .refused-row > :first-child { padding-left: var(--space-2); box-shadow: inset 2px 0 var(--refused); }

/* retained-table: under the treemap */
.retained-table { margin-top: var(--space-4); }
.retained-table + .note { margin-top: var(--space-2); }

/* timeline: one line per step, bar = when and how long on a common scale */
.timeline { display: grid; font-size: var(--text-small); }
.timeline li { display: grid; grid-template-columns: 4.5rem minmax(0, 1fr) 4.5rem; align-items: baseline; gap: 0 var(--space-3); padding: 0.3125rem 0 0.4375rem; border-bottom: var(--hairline); }
.timeline time { color: var(--ink-soft); }
.timeline .took { text-align: right; white-space: nowrap; }
.timeline .bar { grid-column: 2 / -1; height: 0.3125rem; margin-top: 0.1875rem; }

/* file-list: name and what it is, size, hash that selects whole, download */
.file-list { font-size: var(--text-small); }
.file-list li { display: grid; grid-template-columns: 14rem minmax(0, 1fr) 16rem 5.5rem 4.5rem; align-items: baseline; gap: 0 var(--space-4); padding: 0.375rem 0; border-bottom: var(--hairline); }
.file-list li > code { overflow-wrap: anywhere; }
.file-what { color: var(--ink-soft); }
.file-size { text-align: right; white-space: nowrap; }
.file-download { text-align: right; }
.file-list .hash { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; user-select: all; -webkit-user-select: all; color: var(--ink-faint); }
`;
