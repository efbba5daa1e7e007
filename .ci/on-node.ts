/**
 * Runs a script under a pinned Node release, whatever `node` the machine has:
 *   node .ci/on-node.ts 22,24 node_modules/vitest/vitest.mjs run
 */
import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { findNode, NODE_RELEASES } from './node-runtime.ts';

const [wanted = '', ...command] = process.argv.slice(2);
const majors = wanted.split(',');
if (command.length === 0 || !majors.every((major) => major in NODE_RELEASES)) {
  console.error(`usage: on-node.ts <${Object.keys(NODE_RELEASES).join('|')}>[,...] <script> [arguments]`);
  process.exit(2);
}
const failed = majors.filter((major) => !run(major));
if (failed.length > 0) console.error(`failed on Node ${failed.join(', ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;

function run(major: string): boolean {
  const execPath = findNode(major);
  console.log(`\n=== Node ${NODE_RELEASES[major]}`);
  const env = { ...process.env, PATH: `${dirname(execPath)}${delimiter}${process.env['PATH']}` };
  return spawnSync(execPath, command, { stdio: 'inherit', env }).status === 0;
}
