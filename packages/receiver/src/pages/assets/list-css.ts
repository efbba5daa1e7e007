/** Styles of lists of captures and targets. */
export const listCss: string = String.raw`/* health-strip: the receiver's own state, in numbers */
.health-strip { display: flex; flex-wrap: wrap; gap: var(--space-3) var(--space-7); padding: var(--space-3) 0 var(--space-4); border-bottom: 1px solid var(--line-strong); }
.health-strip dt { color: var(--ink-soft); font-size: var(--text-small); }
.health-strip dd { display: flex; align-items: baseline; gap: 0.375rem; font-weight: var(--weight-strong); }
.health-strip dd small { font-size: var(--text-small); font-weight: 400; color: var(--ink-soft); }

/* list-summary: what the list holds, in one line */
.list-summary { padding: var(--space-4) 0 0; color: var(--ink-soft); font-size: var(--text-small); }

/* day: a heading that groups the list */
.day { padding: var(--space-4) 0 var(--space-1); color: var(--ink-soft); font-size: var(--text-small); font-weight: var(--weight-strong); border-bottom: 1px solid var(--line-strong); }

/* capture-row: one capture: when, where, floor, outcome, finding, cost */
.capture-row { position: relative; display: grid; grid-template-columns: 4.5rem 11.5rem 9.5rem 7.25rem minmax(0, 1fr) 10.5rem; grid-template-areas: "time place floor outcome finding cost"; align-items: center; gap: 0 var(--space-4); padding: var(--space-2) 0; border-bottom: var(--hairline); font-size: var(--text-small); }
.capture-row:hover { background: var(--surface); }
.capture-time { grid-area: time; color: var(--ink-soft); }
.capture-place { grid-area: place; min-width: 0; }
.capture-place strong { display: block; font-weight: var(--weight-strong); }
.capture-place span { display: block; color: var(--ink-soft); overflow-wrap: anywhere; }
.capture-floor { grid-area: floor; display: grid; grid-template-columns: minmax(0, 1fr) 2.75rem; align-items: center; gap: var(--space-2); }
.capture-outcome { grid-area: outcome; }
.capture-finding { grid-area: finding; min-width: 0; }
.capture-finding a { color: inherit; font-weight: var(--weight-strong); text-decoration: none; }
.capture-finding a::after { content: ""; position: absolute; inset: 0; }
.capture-finding a:hover { text-decoration: underline; }
.capture-finding span { display: block; color: var(--ink-soft); overflow-wrap: anywhere; }
.capture-cost { grid-area: cost; text-align: right; color: var(--ink-soft); }
.capture-cost span { display: block; white-space: nowrap; }

/* target-row: one target: where, its endpoint, floor, last seen, last capture */
.target-row { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 3fr) minmax(0, 2fr) 5.5rem 12.5rem; align-items: center; gap: 0 var(--space-4); padding: var(--space-2) 0; border-bottom: var(--hairline); font-size: var(--text-small); }
.target-row:hover { background: var(--surface); }
.target-list { border-top: 1px solid var(--line-strong); }
.target-place { min-width: 0; }
.target-place strong { display: block; font-weight: var(--weight-strong); overflow-wrap: anywhere; }
.target-place span { display: block; color: var(--ink-soft); overflow-wrap: anywhere; }
.target-address { color: var(--ink-soft); overflow-wrap: anywhere; }
.target-floor { display: grid; grid-template-columns: minmax(0, 1fr) 2.75rem; align-items: center; gap: var(--space-2); white-space: nowrap; }
.target-seen { color: var(--ink-soft); }
.target-word { display: none; }
.target-capture { display: flex; flex-wrap: wrap; align-items: center; gap: 0 var(--space-2); }
.target-unknown { display: block; color: var(--ink-faint); }

/* list-head: column names over the list at a desk */
.list-head { font-size: var(--text-small); color: var(--ink-soft); padding-bottom: 0; border-bottom: 0; }
.list-head:hover { background: none; }
`;
