/**
 * Runs work with a signal that aborts at the deadline, or with the outer signal. Not `AbortSignal.any` with
 * `AbortSignal.timeout`: nothing but the work would hold the two, and a collected one never aborts (nodejs/node#57736).
 */
export async function withDeadline<Result>(
  timeoutMs: number,
  outer: AbortSignal | null,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const abort = (): void => controller.abort(outer?.reason);
  const timer = setTimeout(() => controller.abort(new Error(`not within ${timeoutMs} ms`)), timeoutMs);
  outer?.addEventListener('abort', abort);
  try {
    outer?.throwIfAborted();
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', abort);
  }
}
