import type { Log } from '../log.ts';
import type { AuditLog } from './audit-log.ts';

type Fields = Parameters<Log>[1];

/** What the endpoint logs and an auditor asks for: who was refused, and who took evidence away or ended it. */
export function createAuditedLog(log: Log, audit: AuditLog): Log {
  return (event, fields) => {
    log(event, fields);
    if (event === 'refused') audit.write('refused', toRefusal(fields));
    // A capture is written by the gate, with what became of it.
    if (event === 'command' && fields['action'] !== 'capture') audit.write('command', toCommand(fields));
    if (event === 'artifact-read') audit.write('command', { ...toCommand(fields), action: 'download' });
  };
}

function toRefusal({ method = null, status = null, code = null, error = null }: Fields): Fields {
  return { method, status, code, reason: error };
}

function toCommand({ action = null, captureId = null, kind = null, keyId = null }: Fields): Fields {
  return { action, captureId, kind, keyThumbprint: keyId };
}
