/** Names for every colour, size and space; components use the names only. */
export const tokensCss: string = String.raw`/* Heapfloor design tokens: every colour, size and space has one name; components use the names only.
   Text colours reach 4.5:1 on every surface they are used on, lines and controls that carry meaning 3:1, light and dark. */

:root {
  color-scheme: light dark;

  /* Surfaces and ink: three inks, two surfaces, two lines. Nothing else is grey. */
  --paper: #ffffff;
  --surface: #f6f7f8;
  --surface-strong: #e9ecef;
  --line: #e2e5e8;
  --line-strong: #bfc6cd;
  --control-line: #858e97;
  --ink: #15181c;
  --ink-soft: #434b53;
  --ink-faint: #5b646d;
  --link: #0b5cad;
  --focus: #0b5cad;

  /* The chart: one colour per meaning, the same on every page. */
  --floor: #0b5cad;
  --floor-wash: #e6f0fa;
  --heap-used: #acb6c0;
  --young: #3b8dbf;
  --limit: #15181c;
  --threshold: #8a5a00;
  --threshold-wash: #fdf8ea;
  --alert: #ad1457;
  --capture: #0a7265;
  --grid: #eceef0;

  /* The culprit: whatever leaks, and nothing else, is vermillion. */
  --leak: #ae3306;
  --leak-fill: #c2410c;
  --leak-wash: #fdeee6;
  --leak-mid: #f8d6c5;
  --leak-line: #d3754a;

  /* Outcomes: always with an icon and a word. */
  --ok: #0f6a4c;
  --ok-wash: #e5f4ee;
  --refused: #7f5300;
  --refused-wash: #fcf1d6;
  --danger: #ad1457;
  --danger-wash: #fce8f0;
  --running: #0b5cad;
  --running-wash: #e6f0fa;

  /* Categories without a meaning of their own (after Okabe and Ito, darkened for text and lines). */
  --series-1: #0b5cad;
  --series-2: #ae3306;
  --series-3: #0a7265;
  --series-4: #8a5a00;
  --series-5: #94408a;
  --series-6: #3b8dbf;

  /* Type: the reader's own fonts; 13 px is the smallest text that must be read, 12 px labels a picture. */
  --font-text: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
  --font-code: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "Roboto Mono", "DejaVu Sans Mono", monospace;
  --text-label: 0.75rem;
  --text-small: 0.8125rem;
  --text-body: 0.875rem;
  --text-lead: 1rem;
  --text-figure: 1.375rem;
  --text-title: 1.625rem;
  --leading-tight: 1.25;
  --leading: 1.5;
  --weight-strong: 600;

  /* Space: multiples of 4 px. */
  --space-1: 0.25rem;
  --space-2: 0.5rem;
  --space-3: 0.75rem;
  --space-4: 1rem;
  --space-5: 1.5rem;
  --space-6: 2rem;
  --space-7: 3rem;

  /* Shape: small radii, hairlines, no shadows. */
  --radius-small: 3px;
  --radius: 6px;
  --hairline: 1px solid var(--line);
  --focus-ring: 2px solid var(--focus);
  --focus-offset: 2px;
  --tap: 2.25rem;
  --page-width: 77.5rem;
  --page-gutter: 1.5rem;
  --plot-height: 15rem;
}

@media (prefers-color-scheme: dark) {
  :root {
    --paper: #101315;
    --surface: #171b1e;
    --surface-strong: #242a2f;
    --line: #272d32;
    --line-strong: #48515a;
    --control-line: #6f7a84;
    --ink: #e9ebed;
    --ink-soft: #b9c0c7;
    --ink-faint: #98a1aa;
    --link: #79b8f7;
    --focus: #79b8f7;

    --floor: #6db1f5;
    --floor-wash: #14283c;
    --heap-used: #47515b;
    --young: #4f9ccb;
    --limit: #e9ebed;
    --threshold: #ddac45;
    --threshold-wash: #251f10;
    --alert: #f58bb4;
    --capture: #54c3b2;
    --grid: #20262b;

    --leak: #ff9468;
    --leak-fill: #e5703a;
    --leak-wash: #321b11;
    --leak-mid: #532918;
    --leak-line: #a4573a;

    --ok: #64c79f;
    --ok-wash: #12291f;
    --refused: #ddac45;
    --refused-wash: #2b2310;
    --danger: #f58bb4;
    --danger-wash: #331623;
    --running: #79b8f7;
    --running-wash: #14283c;

    --series-1: #6db1f5;
    --series-2: #ff9468;
    --series-3: #54c3b2;
    --series-4: #ddac45;
    --series-5: #d58fcb;
    --series-6: #4f9ccb;
  }
}

/* A phone at night: larger text, larger targets, less margin. */
@media (max-width: 45rem) {
  :root {
    --text-body: 0.9375rem;
    --text-small: 0.875rem;
    --text-title: 1.375rem;
    --text-figure: 1.25rem;
    --page-gutter: 1rem;
    --tap: 2.75rem;
    --plot-height: 13.5rem;
  }
}
`;
