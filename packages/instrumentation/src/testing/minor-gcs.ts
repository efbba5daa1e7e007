/** Prints by how many bytes rss grows over 2,000 minor GCs, each told to the profiler. Needs --expose-gc. */
import { ExactFloor } from '../floor/exact-floor.ts';

const gc = (globalThis as { gc?: (options: { type: 'minor' }) => void }).gc;
if (gc === undefined) throw new Error('start with --expose-gc');
const exact = new ExactFloor();
exact.arm();

function collect(count: number): void {
  for (let index = 0; index < count; index += 1) {
    gc?.({ type: 'minor' });
    exact.noteEntries(1, performance.now());
  }
}

collect(100);
const beforeBytes = process.memoryUsage.rss();
collect(2000);
process.stdout.write(String(process.memoryUsage.rss() - beforeBytes));
