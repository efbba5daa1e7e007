import { z } from 'zod';
import type { CdpSession, Notification } from './cdp-session.ts';

const attachedParams = z.object({ sessionId: z.string(), workerInfo: z.object({ title: z.string() }) });
const detachedParams = z.object({ sessionId: z.string() });

/** Nobody waits for the answers. V8 refuses an id above 32 bits. */
const RELEASE_ID = 2 ** 31 - 1;

/** Sessions of a client with the workers of the app; they run over the session with the main isolate. */
export interface WorkerSessions {
  /** @returns false for what the client must not see. */
  readonly observe: (notification: Notification) => boolean;
  readonly isOwnThread: (sessionId: unknown) => boolean;
  readonly release: () => void;
}

/**
 * Keeps a client away from the control thread: a breakpoint there would stop the clock that closes the inspector. And
 * lets the other workers go: unlike the main thread, a worker that is paused, or held before its start, stays so when
 * the session ends, and then the process cannot exit (Node 22, 24 and 26; `NodeWorker.disable` does not help).
 */
export function createWorkerSessions(session: CdpSession, ownThreadId: number): WorkerSessions {
  const sessionIds = new Set<string>();
  const ownSessionIds = new Set<string>();
  const detach = (sessionId: string): void => session.post('NodeWorker.detach', { sessionId });
  const tell = (sessionId: string, method: string): void =>
    session.post('NodeWorker.sendMessageToWorker', {
      sessionId,
      message: JSON.stringify({ id: RELEASE_ID, method }),
    });

  function observeAttached(params: unknown): boolean {
    const { sessionId, workerInfo } = attachedParams.parse(params);
    const isOwn = workerInfo.title.startsWith(`[worker ${ownThreadId}]`);
    (isOwn ? ownSessionIds : sessionIds).add(sessionId);
    if (isOwn) detach(sessionId);
    return !isOwn;
  }

  return {
    observe({ method, params }) {
      if (method === 'NodeWorker.attachedToWorker') return observeAttached(params);
      if (method !== 'NodeWorker.detachedFromWorker') return true;
      const { sessionId } = detachedParams.parse(params);
      sessionIds.delete(sessionId);
      return !ownSessionIds.has(sessionId);
    },
    isOwnThread: (sessionId) => typeof sessionId === 'string' && ownSessionIds.has(sessionId),
    release() {
      for (const sessionId of sessionIds) {
        tell(sessionId, 'Debugger.disable');
        tell(sessionId, 'Runtime.runIfWaitingForDebugger');
        detach(sessionId);
      }
      sessionIds.clear();
    },
  };
}
