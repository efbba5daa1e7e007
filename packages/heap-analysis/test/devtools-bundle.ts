import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const require = createRequire(import.meta.url);

/** DevTools' generated list of languages is not part of its npm package; no text of it is used here. */
const localesStub: Plugin = {
  name: 'locales-stub',
  setup(build) {
    build.onResolve({ filter: /\/locales\.js$/ }, () => ({ path: 'locales', namespace: 'stub' }));
    build.onLoad({ filter: /.*/, namespace: 'stub' }, () => ({
      contents: `export const LOCALES = ['en-US'], BUNDLED_LOCALES = ['en-US'], DEFAULT_LOCALE = 'en-US',
        REMOTE_FETCH_PATTERN = '', LOCAL_FETCH_PATTERN = '';`,
    }));
  },
};

/** Chrome DevTools' own heap snapshot code as one module for Node; bundled once per version into the cache. */
export async function devToolsBundle(): Promise<URL> {
  const manifestPath = require.resolve('chrome-devtools-frontend/package.json');
  const { version } = require(manifestPath) as { version: string };
  const cache = join(dirname(dirname(manifestPath)), '.cache', 'heapfloor');
  const bundle = join(cache, `devtools-heap-snapshot-${version}.mjs`);
  if (!existsSync(bundle)) await writeBundle(dirname(manifestPath), bundle);
  return pathToFileURL(bundle);
}

async function writeBundle(devTools: string, bundle: string): Promise<void> {
  await mkdir(dirname(bundle), { recursive: true });
  // Test files run side by side: each writes its own file and puts it in place at once.
  const temporary = `${bundle}.${process.pid}`;
  await build({
    entryPoints: [join(devTools, 'front_end/entrypoints/heap_snapshot_worker/heap_snapshot_worker.ts')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile: temporary,
    plugins: [localesStub],
    logLevel: 'error',
  });
  await rename(temporary, bundle);
}
