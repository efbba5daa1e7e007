import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { TestContext } from 'vitest';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const WIDTHS = [1280, 390, 320];
const SCHEMES = ['light', 'dark'] as const;

export interface PageLook {
  readonly width: number;
  readonly scheme: string;
  /** Pixels that the page is wider than the screen. */
  readonly overflowPx: number;
  readonly consoleErrors: readonly string[];
}

/** The path of a Chromium, or the test is skipped with the reason; where peers are required its absence is an error. */
export function requireChromium(context: Pick<TestContext, 'skip'>): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = [
    process.env['HEAPFLOOR_CHROMIUM_BIN'] ?? '',
    ...folders.flatMap((folder) =>
      ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)),
    ),
  ];
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  const reason =
    'no Chromium: set HEAPFLOOR_CHROMIUM_BIN, or install it so that it is on the PATH (Debian: chromium)';
  if (process.env['HEAPFLOOR_REQUIRE_PEERS'] === '1')
    throw new Error(`HEAPFLOOR_REQUIRE_PEERS=1, but ${reason}`);
  console.log(`skipped: ${reason}`);
  return context.skip(reason);
}

/** Opens a page at desk and phone widths, light and dark. */
export async function lookAtPage(executablePath: string, url: string): Promise<PageLook[]> {
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    const looks: PageLook[] = [];
    for (const scheme of SCHEMES) {
      for (const width of WIDTHS) {
        const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
        const consoleErrors: string[] = [];
        page.on('console', (message) => {
          if (message.type() === 'error') consoleErrors.push(message.text());
        });
        await page.goto(url);
        const overflowPx = await page.evaluate<number>(
          'document.documentElement.scrollWidth - window.innerWidth',
        );
        looks.push({ width, scheme, overflowPx, consoleErrors });
        await page.close();
      }
    }
    return looks;
  } finally {
    await browser.close();
  }
}

function isExecutable(path: string): boolean {
  try {
    if (path !== '') accessSync(path, constants.X_OK);
    return path !== '';
  } catch {
    return false;
  }
}
