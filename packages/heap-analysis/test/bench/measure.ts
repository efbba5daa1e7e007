/**
 * Analyses one snapshot in this process and prints what it cost: `measure.ts <heapfloor|devtools> <file>`.
 * The work is the same for both: load, dominators, retained sizes, distances, constructor summary.
 */
import { readSnapshot } from '../../src/read-snapshot.ts';
import { summarizeConstructors } from '../../src/summarize-constructors.ts';
import { readWithDevTools } from '../devtools-oracle.ts';

export interface Measurement {
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
  readonly nodeCount: number;
  readonly rowCount: number;
}

const [engine, file = ''] = process.argv.slice(2);
// DevTools writes about unreachable nodes to stderr; the one line on stdout is the measurement.
const counts = engine === 'devtools' ? await runDevTools() : await runHeapfloor();
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const result: Measurement = {
  cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
  peakRssBytes: maxRSS * 1024,
  ...counts,
};
process.stdout.write(`${JSON.stringify(result)}\n`);

async function runHeapfloor(): Promise<{ nodeCount: number; rowCount: number }> {
  const graph = await readSnapshot(file);
  return { nodeCount: graph.nodeCount, rowCount: summarizeConstructors(graph).length };
}

async function runDevTools(): Promise<{ nodeCount: number; rowCount: number }> {
  const snapshot = await readWithDevTools(file);
  return { nodeCount: snapshot.nodeCount, rowCount: Object.keys(snapshot.aggregatesWithFilter({})).length };
}
