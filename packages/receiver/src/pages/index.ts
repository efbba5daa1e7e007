export { pageAssets, type PageAsset } from './assets/page-assets.ts';
export { renderCapturePage } from './capture/capture-page.ts';
export { renderCapturesPage } from './lists/captures-page.ts';
export { renderErrorPage } from './error-page.ts';
export type { PageView, TargetView } from './page-view.ts';
export { renderTargetsPage } from './lists/targets-page.ts';
