/** Styles of the first screen of a capture page: the finding, its numbers and what to do. */
export const answerCss: string = String.raw`/* report-head: the answer as one sentence, the urgency as the next */
.report-head { display: grid; gap: var(--space-2); padding-bottom: var(--space-4); }
.breadcrumb { color: var(--ink-faint); font-size: var(--text-small); }
.report-head h1 { font-size: var(--text-title); font-weight: var(--weight-strong); line-height: var(--leading-tight); letter-spacing: -0.01em; text-wrap: balance; }
.report-head h1 code { font-size: 0.92em; letter-spacing: -0.02em; overflow-wrap: anywhere; }
.report-lead { font-size: var(--text-lead); color: var(--ink-soft); max-width: 92ch; text-wrap: pretty; }
.report-lead strong { color: var(--ink); font-weight: var(--weight-strong); }

/* fact-line: where and when, in small type, wraps freely */
.fact-line { display: flex; flex-wrap: wrap; align-items: center; gap: var(--space-1) var(--space-4); color: var(--ink-soft); font-size: var(--text-small); }
.fact-line dt { position: absolute; clip-path: inset(50%); }

/* outcome-chip: icon, word and tint together */
.outcome-chip { display: inline-flex; align-items: center; gap: 0.375rem; padding: 0.125rem 0.5rem 0.125rem 0.4375rem; border-radius: 99px; font-size: var(--text-small); font-weight: var(--weight-strong); line-height: 1.4; white-space: nowrap; color: var(--ink-soft); background: var(--surface-strong); }
.outcome-leak { color: var(--leak); background: var(--leak-wash); }
.outcome-clear { color: var(--ok); background: var(--ok-wash); }
.outcome-refused { color: var(--refused); background: var(--refused-wash); }
.outcome-failed { color: var(--danger); background: var(--danger-wash); }
.outcome-running { color: var(--running); background: var(--running-wash); }

/* answer-grid: the first screen; reads down the left column, then down the right */
.answer-grid { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 7fr); gap: 0 var(--space-7); }
.answer-column { display: grid; align-content: start; }
.answer { padding: var(--space-3) 0 var(--space-5); border-top: 1px solid var(--line-strong); }
.answer > h2 { margin-bottom: var(--space-2); }
.answer .note { margin-top: var(--space-2); }
.note { color: var(--ink-soft); font-size: var(--text-small); max-width: 72ch; text-wrap: pretty; }

/* culprit: the class that grows; the only vermillion text on the page */
.culprit { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 var(--space-3); }
.culprit code { font-size: var(--text-figure); font-weight: var(--weight-strong); color: var(--leak); }
.source { color: var(--ink-soft); font-family: var(--font-code); font-size: 0.93em; overflow-wrap: anywhere; }

/* figures: a row of numbers with their labels */
.figures { display: grid; grid-template-columns: repeat(4, auto); justify-content: space-between; gap: var(--space-2) var(--space-4); margin: var(--space-2) 0; }
.figures dt { color: var(--ink-soft); font-size: var(--text-small); }
.figures dd { font-size: var(--text-figure); font-weight: var(--weight-strong); line-height: var(--leading-tight); white-space: nowrap; }
.figures-text { grid-template-columns: minmax(0, 1fr); }
.figures-text dd { font-size: var(--text-body); white-space: normal; overflow-wrap: anywhere; }
.figures small { font-size: var(--text-body); font-weight: 400; color: var(--ink-soft); }

/* bar: a share of a whole or a number beside its column; geometry in SVG attributes, so no inline style */
.bar { display: block; width: 100%; height: 0.5rem; overflow: hidden; }
.bar-track { fill: var(--surface-strong); }
.bar-leak { fill: var(--leak-fill); }
.bar-rest { fill: var(--heap-used); }
.bar-floor { fill: var(--floor); }
.bar-ok { fill: var(--capture); }
.bar-over { fill: var(--refused); }
.bar-mark { fill: var(--ink); }

/* floor-bar: the floor as a share of its limit, the threshold across it */
.floor-bar { height: 0.875rem; overflow: visible; }
.threshold-edge { stroke: var(--paper); stroke-width: 5; }
.threshold-mark { stroke: var(--threshold); stroke-width: 2; }

/* retainer-path: from the root down to the culprit; box = object, line = property, bar = what it retains */
.retainer-path { display: grid; }
.retainer-head, .retainer { display: grid; grid-template-columns: minmax(0, 1fr) 6.5rem; column-gap: var(--space-4); align-items: center; }
.retainer-head { color: var(--ink-soft); font-size: var(--text-label); text-align: right; }
.retainer-edge { grid-column: 1; position: relative; margin-left: 1rem; padding: 0.1875rem 0 0.3125rem 1rem; border-left: 1.5px solid var(--line-strong); font: var(--text-small)/1.4 var(--font-code); color: var(--ink-soft); overflow-wrap: anywhere; }
.retainer-edge::after { content: ""; position: absolute; left: -0.3125rem; bottom: 0; width: 0.5625rem; height: 0.375rem; background: var(--line-strong); clip-path: polygon(0 0, 100% 0, 50% 100%); }
.retainer-node { grid-column: 1; display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 var(--space-2); padding: 0.25rem 0.625rem; border: 1px solid var(--line-strong); border-radius: var(--radius); background: var(--paper); }
.retainer-node code { font-weight: var(--weight-strong); }
.retainer-size { grid-column: 2; display: grid; gap: 0.1875rem; text-align: right; font-size: var(--text-small); white-space: nowrap; }
.retainer-size .bar { height: 0.3125rem; }
.retainer-accumulates .retainer-node { border-color: var(--leak-line); background: var(--leak-wash); }
.retainer-many .retainer-node { margin-right: 0.375rem; border-color: var(--leak-line); color: var(--leak); box-shadow: 3px 3px 0 -1px var(--paper), 3px 3px 0 0 var(--leak-line), 6px 6px 0 -1px var(--paper), 6px 6px 0 0 var(--leak-line); margin-bottom: 0.375rem; }
.retainer-why { color: var(--ink-soft); font-size: var(--text-small); }
.retainer-accumulates .retainer-why { color: var(--leak); font-weight: var(--weight-strong); }

/* next-steps: numbered, the most urgent first, each with a command */
.next-steps { display: grid; gap: var(--space-3); counter-reset: step; }
.next-steps > li { counter-increment: step; display: grid; grid-template-columns: 1.25rem 11.25rem minmax(0, 1fr); align-items: start; gap: var(--space-1) 0; }
.next-steps > li::before { content: counter(step); color: var(--ink-faint); }
.next-steps p { line-height: 1.35; }
.next-steps p span { display: block; color: var(--ink-soft); font-size: var(--text-small); }

/* next-how: where there is no command, what to look at */
.next-how { padding: 0.4375rem 0; font-size: var(--text-small); line-height: 1.45; overflow-wrap: anywhere; }

/* button: a control that does one thing */
.button { display: inline-flex; align-items: center; min-height: var(--tap); padding: 0 var(--space-3); border: 1px solid var(--control-line); border-radius: var(--radius); background-color: var(--paper); color: var(--ink); font: inherit; font-weight: var(--weight-strong); text-decoration: none; cursor: pointer; }
.button:hover { background-color: var(--surface); }
.button[hidden] { display: none; }
.answer .button { justify-self: start; margin-top: var(--space-3); }

/* command: one click or tap selects all of it, no script needed */
.command { padding: 0.4375rem var(--space-3) 0.4375rem calc(var(--space-3) + 2ch); text-indent: -2ch; border: var(--hairline); border-radius: var(--radius); background: var(--surface); white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.45; font-size: var(--text-small); }
.command::before { content: "$ "; color: var(--ink-faint); user-select: none; -webkit-user-select: none; }
.command code { user-select: all; -webkit-user-select: all; cursor: copy; font-size: inherit; }

/* headroom: what a capture needs against what is free, drawn to one scale */
.headroom { display: block; width: 100%; height: 6.25rem; overflow: visible; }
.headroom .bar-need { fill: var(--refused-wash); stroke: var(--refused); stroke-width: 1.25; }
.headroom .bar-used { fill: var(--heap-used); }
.headroom .bar-free { fill: var(--surface-strong); }
.headroom .limit-line { stroke-width: 1.5; }
.headroom .label-strong { fill: var(--ink); font-weight: 600; }
.headroom .label-refused { fill: var(--refused); font-weight: 600; }

/* condition-list: when to try again, each with its number */
.condition-list { display: grid; gap: var(--space-2); }
.condition-list li { display: grid; grid-template-columns: 6.25rem minmax(0, 1fr); gap: var(--space-3); padding-top: var(--space-2); border-top: var(--hairline); }
.condition-list li:first-child { border-top: 0; padding-top: 0; }
.condition-list strong { font-weight: var(--weight-strong); }
`;
