import { answerCss } from './answer-css.ts';
import { chartCss } from './chart-css.ts';
import { evidenceCss } from './evidence-css.ts';
import { frameCss } from './frame-css.ts';
import { iconSvg } from './icon-svg.ts';
import { listCss } from './list-css.ts';
import { screenCss } from './screen-css.ts';
import { tokensCss } from './tokens-css.ts';

/** A file that the pages link to. */
export interface PageAsset {
  readonly contentType: string;
  readonly body: string;
}

const componentsCss = [frameCss, answerCss, chartCss, evidenceCss, listCss, screenCss].join('\n');

/**
 * The files under `/assets/`, by name. Text in modules and not files beside the code: `tsc` copies no css, and so
 * sources and `dist` serve the same without a build step.
 */
export const pageAssets: ReadonlyMap<string, PageAsset> = new Map([
  ['tokens.css', { contentType: 'text/css; charset=utf-8', body: tokensCss }],
  ['components.css', { contentType: 'text/css; charset=utf-8', body: componentsCss }],
  ['icon.svg', { contentType: 'image/svg+xml', body: iconSvg }],
]);
