import { describe, expect, it } from 'vitest';
import { isPackageManager } from './package-manager.ts';

describe('isPackageManager', () => {
  it.each([
    '/usr/bin/npm',
    '/usr/local/bin/npx',
    '/usr/lib/node_modules/npm/bin/npm-cli.js',
    '/usr/lib/node_modules/npm/bin/npx-cli.js',
    String.raw`C:\Program Files\nodejs\node_modules\npm\bin\npm-cli.js`,
    '/usr/local/bin/yarn',
    '/opt/yarn-v1.22.22/bin/yarn.js',
    '/app/.yarn/releases/yarn-4.10.3.cjs',
    '/app/.yarn/releases/yarn-berry.cjs',
    '/usr/local/bin/pnpm',
    '/root/.npm/_npx/1/node_modules/pnpm/bin/pnpm.cjs',
    '/usr/lib/node_modules/pnpm/bin/pnpm.mjs',
    '/app/node_modules/.bin/pnpx',
    '/usr/lib/node_modules/corepack/dist/corepack.js',
    '/home/me/.asdf/shims/corepack',
  ])('is true for %s', (script) => {
    expect(isPackageManager(script)).toBe(true);
  });

  it.each([
    undefined,
    '',
    '/app/server.js',
    '/app/npm',
    '/app/yarn/index.js',
    '/app/bin/npm-mirror',
    '/app/bin/www',
    '/app/npm-cli-server.js',
    '/app/node_modules/.bin/jest',
    '/app/dist/yarnish.js',
  ])('is false for %s', (script) => {
    expect(isPackageManager(script)).toBe(false);
  });
});
