import { fileURLToPath } from 'node:url';

/** The repository's root: packages are resolved from there, as from an app that has installed them. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** What goes before the app on Node's command line. */
export const VARIANTS = {
  bare: [],
  again: [],
  core: setup('with-core'),
  sdk: setup('with-sdk'),
  plugin: setup('with-plugin'),
  pluginAll: setup('with-plugin-all'),
  register: ['--import=@heapfloor/instrumentation/register'],
  runtimeNode: setup('with-runtime-node'),
  promClient: setup('with-prom-client'),
} as const satisfies Record<string, readonly string[]>;

export type Variant = keyof typeof VARIANTS;

export const VARIANT_NAMES = Object.keys(VARIANTS) as Variant[];

export function program(name: string): string {
  return fileURLToPath(new URL(`./programs/${name}.mjs`, import.meta.url));
}

function setup(name: string): readonly string[] {
  return [`--import=${program(name)}`];
}
