/** Styles of pictures: floor chart, treemap, icicle, sparkline. */
export const chartCss: string = String.raw`/* floor-chart: floor against limit; the plot stretches, the text does not */
.floor-chart { padding: 1.5rem 0.25rem 1.5rem 2.125rem; }
.floor-plot { display: block; width: 100%; height: var(--plot-height); overflow: visible; }
.plot-area { overflow: visible; }
.plot-area * { vector-effect: non-scaling-stroke; }
.grid-line { stroke: var(--grid); fill: none; }
.base-line { stroke: var(--line-strong); fill: none; }
.threshold-zone { fill: var(--threshold-wash); }
.threshold-line { stroke: var(--threshold); stroke-dasharray: 5 4; stroke-width: 1.25; fill: none; }
.limit-line { stroke: var(--limit); stroke-width: 1.5; fill: none; }
.heap-used-line { stroke: var(--heap-used); stroke-width: 1; fill: none; stroke-linejoin: round; }
.floor-line { stroke: var(--floor); stroke-width: 2; fill: none; stroke-linejoin: round; }
.floor-dots { stroke: var(--floor); stroke-width: 4.5; stroke-linecap: round; fill: none; }
.floor-dots-dense { stroke-width: 3; }
.projection-line { stroke: var(--floor); stroke-width: 1.5; stroke-dasharray: 2 4; fill: none; }
.alert-line { stroke: var(--alert); stroke-width: 1.5; fill: none; }
.capture-line { stroke: var(--capture); stroke-width: 1; fill: none; }
.leader-line { stroke: var(--ink-faint); stroke-width: 1; fill: none; }
.sample-mark { fill: var(--floor); stroke: var(--paper); stroke-width: 2; }
.capture-mark { fill: var(--capture); }
.floor-plot .halo { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
.floor-plot .halo-zone { paint-order: stroke; stroke: var(--threshold-wash); stroke-width: 4px; stroke-linejoin: round; }
.text-start { text-anchor: start; }
.text-end { text-anchor: end; }
.text-middle { text-anchor: middle; }
.floor-plot .label-floor { fill: var(--floor); font-weight: 600; }
.floor-plot .label-used { fill: var(--ink-faint); }
.floor-plot .label-threshold { fill: var(--threshold); }
.floor-plot .label-limit { fill: var(--limit); font-weight: 600; }
.floor-plot .label-alert { fill: var(--alert); font-weight: 600; }
.floor-plot .label-capture { fill: var(--capture); font-weight: 600; }
.floor-plot .label-sample { fill: var(--ink); font-weight: 600; }
.floor-plot .capture-letter { fill: var(--paper); font-size: 10px; font-weight: 700; }

/* treemap: area = retained bytes; the culprit's holder in vermillion, all else quiet; laid out once wide, once narrow */
.treemap { display: block; width: 100%; height: 19rem; }
.treemap-narrow { display: none; height: 27.5rem; }
.treemap rect { fill: var(--surface-strong); stroke: var(--paper); stroke-width: 2; }
.treemap .cell-leak { fill: var(--leak-mid); }
.treemap .cell-name { fill: var(--ink); }
.treemap .cell-code { font-family: var(--font-code); }
.treemap .cell-culprit { fill: var(--leak); font-weight: 600; }

/* icicle: width = bytes, a caller above what it called; the hottest path in vermillion */
.icicle { display: block; width: 100%; margin: var(--space-2) 0 var(--space-3); }
.icicle rect { fill: var(--surface-strong); stroke: var(--paper); stroke-width: 1.5; }
.icicle .frame-hot { fill: var(--leak-mid); }
.icicle text { fill: var(--ink); font-family: var(--font-code); }
.icicle .frame-source { fill: var(--ink-soft); }

/* sparkline: one hour of floor; dashed = 75 %, dot = now or at capture */
.sparkline { display: block; width: 100%; height: 1.75rem; overflow: visible; }
.sparkline * { vector-effect: non-scaling-stroke; fill: none; }
.sparkline .threshold-line { stroke-width: 1; stroke-dasharray: 3 3; }
.sparkline .floor-line { stroke-width: 1.5; }
.sparkline .floor-dots { stroke-width: 5; }
`;
