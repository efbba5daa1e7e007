import { describe, expect, it } from 'vitest';
import { createShortenPath } from './script-path.ts';

describe('createShortenPath', () => {
  it('makes paths relative to the folder of the app', () => {
    const shorten = createShortenPath([
      'file:///srv/app/src/shop.js',
      '/srv/app/src/db/pool.js',
      '/srv/app/main.cjs',
    ]);
    expect(shorten('file:///srv/app/src/shop.js')).toBe('src/shop.js');
    expect(shorten('/srv/app/main.cjs')).toBe('main.cjs');
  });

  it('gives the file name where there is only one script', () => {
    expect(createShortenPath(['file:///home/me/a%20b.mjs'])('file:///home/me/a%20b.mjs')).toBe('a b.mjs');
  });

  it('cuts packages at node_modules, nested ones at the last', () => {
    const shorten = createShortenPath(['/srv/app/a.js']);
    expect(shorten('/srv/app/node_modules/express/lib/router.js')).toBe('node_modules/express/lib/router.js');
    expect(shorten('/srv/app/node_modules/a/node_modules/b/c.js')).toBe('node_modules/b/c.js');
  });

  it('never shows a path from the root of the machine', () => {
    const shorten = createShortenPath(['/srv/app/a.js', '/opt/agent/b.js']);
    expect(shorten('/srv/app/a.js')).toBe('a.js');
    expect(createShortenPath(['/srv/app/a.js'])('/opt/other/c.js')).toBe('c.js');
  });

  it('knows the paths of Windows and what is no path', () => {
    const shorten = createShortenPath(['C:\\app\\src\\a.js', 'file:///C:/app/src/b.js']);
    expect(shorten('C:\\app\\src\\a.js')).toBe('a.js');
    expect(shorten('node:events')).toBe('node:events');
    expect(shorten('evalmachine.<anonymous>')).toBe('evalmachine.<anonymous>');
    expect(shorten('file:///srv/%zz.js')).toBe('%zz.js');
  });
});
