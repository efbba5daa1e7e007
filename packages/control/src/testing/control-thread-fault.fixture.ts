/**
 * Loaded into the control thread by `withFaults`, beside the product's own code: files in the folder that its URL names do to
 * this thread what nothing of the product would.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = new URL(import.meta.url).searchParams.get('folder') ?? '';
/** Soon enough to hit a pause of some hundred ms in its middle. Unit: ms. */
const LOOK_INTERVAL_MS = 5;

const MachineDate = Date;

class ShiftedDate extends MachineDate {
  constructor(...args: readonly []) {
    // Only without arguments does Date read the clock.
    if (args.length > 0) super(...args);
    else super(ShiftedDate.now());
  }

  static override now(): number {
    return MachineDate.now() + offsetMs();
  }
}
globalThis.Date = ShiftedDate as DateConstructor;

setInterval(() => {
  if (existsSync(join(folder, 'crash'))) throw new Error('a fault of the test');
  if (existsSync(join(folder, 'exhaust'))) exhaust();
}, LOOK_INTERVAL_MS).unref();

/** What somebody set the clock by, while the machine's own clocks go on. */
function offsetMs(): number {
  try {
    return Number(readFileSync(join(folder, 'clock-offset-ms'), 'utf8'));
  } catch {
    return 0;
  }
}

/** In large pieces: with small ones V8 collects garbage in vain for many seconds before it gives up. */
function exhaust(): never {
  const kept: object[] = [];
  for (;;) kept.push(Array.from({ length: 1_000_000 }).fill(kept.length));
}
