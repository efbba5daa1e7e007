import { clearTimeout, setTimeout } from 'node:timers';
import type { ExportHealth } from './export-health.ts';
import { FLUSH_DEADLINE_MS, type PushReader } from './push-reader.ts';

/**
 * Sends the last figures of a process that ends by itself; not to a collector that has just not answered, and not where
 * the app has listeners of its own: our waiting makes Node emit the event again, and they would run twice.
 */
export function flushAtExit(reader: PushReader, health: ExportHealth): void {
  process.once('beforeExit', () => {
    if (health.isUnreachable() || process.listenerCount('beforeExit') > 0) return;
    // Our sockets and timers hold nothing, so this one timer does, and for so long only.
    const hold = setTimeout(() => {}, FLUSH_DEADLINE_MS);
    const release = (): void => clearTimeout(hold);
    reader.forceFlush().then(release, release);
  });
}
