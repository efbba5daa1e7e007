import { describeError } from '@heapfloor/contract/errors';
import type { WebSocket } from 'ws';
import { SpillFile } from './spill-file.ts';

/** In memory at most, and one message more. A chunk of a snapshot has 0.1 to 1 MB. Unit: bytes. */
const MAX_BUFFERED_BYTES = 8 * 2 ** 20;
/** Below it, a client is not behind. Unit: bytes. */
const BEHIND_BYTES = 64 * 2 ** 10;

export interface OutboxOptions {
  readonly directory: string;
  readonly maxSpillBytes: number;
  /** A client that is behind has taken something. */
  readonly onProgress: () => void;
  readonly onFailure: (reason: string) => void;
}

/** Messages to a client; those that it does not take fast enough wait on disk. */
export interface Outbox {
  readonly send: (text: string) => void;
  readonly close: () => void;
}

/**
 * V8 hands over a snapshot at one go, and while it does no socket of this thread is served: however fast the client is,
 * the whole snapshot would wait in memory, of the very process that has too little of it.
 */
export function createOutbox(
  socket: WebSocket,
  { directory, maxSpillBytes, onProgress, onFailure }: OutboxOptions,
): Outbox {
  let spill: SpillFile | null = null;
  let isDraining = false;
  let isClosed = false;

  function transmit(text: string): void {
    const isBehind = socket.bufferedAmount > BEHIND_BYTES || isDraining;
    socket.send(text, (error) => {
      if (error != null || isClosed) return; // the socket's close event follows
      if (isBehind) onProgress();
      if (socket.bufferedAmount < MAX_BUFFERED_BYTES / 2) void drain();
    });
  }

  function canTake({ count }: SpillFile): boolean {
    return !isClosed && count > 0 && socket.bufferedAmount < MAX_BUFFERED_BYTES;
  }

  async function drain(): Promise<void> {
    if (isDraining || spill === null) return;
    isDraining = true;
    try {
      while (canTake(spill)) transmit(await spill.shift());
    } catch (error) {
      onFailure(describeError(error));
    } finally {
      isDraining = false;
      if (isClosed) spill.close();
    }
  }

  return {
    send(text) {
      if (isClosed) return;
      const hasRoom = socket.bufferedAmount < MAX_BUFFERED_BYTES;
      if (hasRoom && !isDraining && (spill === null || spill.count === 0)) {
        transmit(text);
        return;
      }
      try {
        spill ??= new SpillFile(directory, maxSpillBytes);
        spill.push(text);
      } catch (error) {
        onFailure(describeError(error));
      }
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      if (!isDraining) spill?.close();
    },
  };
}
