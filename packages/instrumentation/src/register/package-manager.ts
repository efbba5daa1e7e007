/** Their own scripts, as `process.argv[1]` names them, and what an installer links to. */
const SCRIPT = /^(?:(?:npm|npx)-cli|(?:yarn|yarnpkg|pnpm|pnpx|corepack)(?:-(?:berry|\d[\w.-]*))?)\.[cm]?js$/;
/** As a command: a link without an extension, in a directory of commands. */
const COMMAND = /^(?:npm|npx|yarn|yarnpkg|pnpm|pnpx|corepack)$/;
const COMMAND_DIRECTORY = /^(?:\.?bin|shims)$/;

/**
 * True for a package manager's own process: with `NODE_OPTIONS` in the environment `npm start` would be watched too, and
 * take the app's `service.instance.id`.
 * @param script - `process.argv[1]`: absolute, links not resolved.
 */
export function isPackageManager(script: string | undefined): boolean {
  const parts = (script ?? '').split(/[\\/]/);
  const name = parts.at(-1) ?? '';
  return SCRIPT.test(name) || (COMMAND.test(name) && COMMAND_DIRECTORY.test(parts.at(-2) ?? ''));
}
