import { openInspector } from '../inspector/open-inspector.ts';
import { STOPPED_BY_COMMAND, type CaptureRun, type CaptureTools } from './capture-run.ts';

/**
 * Runs until the inspector has closed: by its client, its time, a stop command or the control's end.
 * @returns why it is not proven that it has closed; null when it is.
 */
export async function runInspector(run: CaptureRun, tools: CaptureTools): Promise<string | null> {
  // A health check that connects and disconnects meanwhile would make V8 forget the object ids that DevTools compares.
  return tools.link.use(async () => untilClosed(run, tools));
}

async function untilClosed(run: CaptureRun, { latch, audit, log }: CaptureTools): Promise<string | null> {
  const { captureId, inspectorPort, inspectorTtlMs } = run.command;
  const { access, closed, close } = await openInspector({
    port: inspectorPort,
    ttlMs: inspectorTtlMs,
    directory: run.directory,
    log,
    latch,
  });
  const { port, expiresAt } = access;
  audit.write('inspector-opened', { captureId, port, expiresAt });
  run.onInspector(access);
  run.onPhase(`an inspector is open until ${expiresAt}`);
  const onAbort = (): void =>
    void close(run.signal.reason === STOPPED_BY_COMMAND ? 'stopped' : 'control stopped');
  run.signal.addEventListener('abort', onAbort);
  if (run.signal.aborted) onAbort();
  const { reason, detail, provenClosedAt, doubt } = await closed;
  run.signal.removeEventListener('abort', onAbort);
  audit.write('inspector-closed', { captureId, port, reason: detail ?? reason, provenClosedAt });
  run.onInspector({ ...access, webSocketUrl: '', provenClosedAt });
  return doubt;
}
