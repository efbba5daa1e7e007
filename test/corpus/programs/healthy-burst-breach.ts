/** A burst of slow requests: for some seconds hundreds are in flight with their bodies, then all are answered. */
import { setTimeout as delay } from 'node:timers/promises';
import { makeRows, makeText } from '../make-records.ts';

const sessions = makeRows(36);
const inFlight = new Set<{ readonly id: number; readonly body: string }>();

function receive(id: number, bytes: number): void {
  inFlight.add({ id, body: makeText(bytes) });
}

async function answer(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (const request of inFlight) {
      if (inFlight.size <= 600) break;
      inFlight.delete(request);
    }
    for (let count = 0; count < 80; count += 1) receive(round, 4000);
    sessions[round % sessions.length] = { id: round, body: makeText(1980) };
    await delay(20);
  }
}

async function burst(): Promise<void> {
  const slow: string[] = [];
  for (let count = 0; count < 1500; count += 1) slow.push(makeText(28_000));
  await answer(110);
  slow.length = 0;
}

await answer(350);
await burst();
await answer(500);
