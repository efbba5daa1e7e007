/**
 * Runs a script under a pinned Node release, whatever `node` the machine has:
 *   node .ci/on-node.ts 22,24 node_modules/vitest/vitest.mjs run
 * The runtime comes from npm's platform packages (no install script) and stays in npm's own cache.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';

const RELEASES: Readonly<Record<string, string>> = { 22: '22.23.3', 24: '24.21.0', 26: '26.10.0' };

const [wanted = '', ...command] = process.argv.slice(2);
const majors = wanted.split(',');
if (command.length === 0 || !majors.every((major) => major in RELEASES)) {
  console.error(`usage: on-node.ts <${Object.keys(RELEASES).join('|')}>[,...] <script> [arguments]`);
  process.exit(2);
}
const failed = majors.filter((major) => !run(major));
if (failed.length > 0) console.error(`failed on Node ${failed.join(', ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;

function run(major: string): boolean {
  const execPath = runtime(RELEASES[major] ?? '');
  console.log(`\n=== Node ${RELEASES[major]}`);
  const env = { ...process.env, PATH: `${dirname(execPath)}${delimiter}${process.env['PATH']}` };
  return spawnSync(execPath, command, { stdio: 'inherit', env }).status === 0;
}

function runtime(release: string): string {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const prefix = platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const args = [
    'exec',
    '--yes',
    '--loglevel=error',
    `--package=${prefix}-${platform}-${process.arch}@${release}`,
  ];
  const printed = execFileSync('npm', [...args, '-c', 'node -p process.execPath'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
  });
  return printed.trim().split('\n').at(-1) ?? '';
}
