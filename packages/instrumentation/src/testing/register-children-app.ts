/**
 * A process and what it starts, as the first argument says: `spawn` another Node behind a shell, `fork`, or `cluster` with
 * two children. The second argument is the depth; the innermost processes stay for a moment.
 */
import { fork, spawn } from 'node:child_process';
import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';

const [, script = fileURLToPath(import.meta.url), how = '', depth = '0'] = process.argv;
const rest = [how, String(Number(depth) - 1)];

if (depth === '0') setTimeout(() => {}, 300);
else if (how === 'fork') fork(script, rest);
else if (how === 'spawn') spawn(`"${process.execPath}" "${script}" ${rest.join(' ')}`, { shell: true });
else if (cluster.isPrimary) startCluster();
else setTimeout(() => process.exit(), 1500);

function startCluster(): void {
  cluster.fork();
  cluster.fork();
}
