/** Works for as long as it is told, ends by itself, and says how long that took after its work was done. */
import { performance } from 'node:perf_hooks';

const workMs = Number(process.argv[2] ?? 0);
let doneMs = performance.now();
setTimeout(() => {
  doneMs = performance.now();
}, workMs);
process.on('exit', () => {
  process.stdout.write(`delay=${Math.round(performance.now() - doneMs)}\n`);
});
