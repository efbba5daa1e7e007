/**
 * Prints what `readMemory` says, then takes memory: `… <share>` of what it says is available and ends, or `… hold <MiB>`
 * and waits for the end of stdin.
 */
import { readMemory } from '../facts/read-memory.ts';

const CHUNK_BYTES = 2 ** 20;
const [what, mib] = process.argv.slice(2);
const facts = await readMemory(process.memoryUsage.rss());
const takenBytes = what === 'hold' ? Number(mib) * CHUNK_BYTES : Number(what) * facts.availableBytes;
process.stdout.write(`${JSON.stringify(facts)}\n`);
const taken = Array.from({ length: Math.floor(takenBytes / CHUNK_BYTES) }, () =>
  Buffer.alloc(CHUNK_BYTES, 1),
);
process.stdout.write(`took ${taken.length}\n`);
if (what === 'hold') process.stdin.resume().on('end', () => process.exit(taken.length === 0 ? 1 : 0));
