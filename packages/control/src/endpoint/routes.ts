import type { ControlCommand } from '@heapfloor/contract';
import { ControlError } from '../errors.ts';

export interface Route {
  readonly name: 'health' | 'captures' | 'capture' | 'artifact';
  /** What the signed command must say. */
  readonly action: ControlCommand['action'] | null;
  readonly captureId: string | null;
  readonly fileName: string | null;
}

const PATH = /^\/v1\/captures(?:\/([0-9a-z-]{8,64})(?:\/artifacts\/([0-9A-Za-z._-]{1,200}))?)?$/;

/** @throws ControlError for an unknown path or a method that the path does not have. */
export function findRoute(method: string, url: string): Route {
  if (url === '/healthz') {
    return { ...only('GET', method), name: 'health', action: null, captureId: null, fileName: null };
  }
  const match = PATH.exec(url);
  if (match === null) throw new ControlError('CONTROL_NOT_FOUND', `There is no ${url.slice(0, 80)} here.`);
  const captureId = match[1] ?? null;
  const fileName = match[2] ?? null;
  if (captureId === null)
    return { ...only('POST', method), name: 'captures', action: 'capture', captureId, fileName };
  if (fileName !== null)
    return { ...only('GET', method), name: 'artifact', action: 'read', captureId, fileName };
  const action = only('GET or DELETE', method) && method === 'DELETE' ? 'delete' : 'read';
  return { name: 'capture', action, captureId, fileName };
}

function only(allowed: string, method: string): object {
  if (allowed.split(' or ').includes(method)) return {};
  throw new ControlError(
    'CONTROL_METHOD_NOT_ALLOWED',
    `${method.slice(0, 20)} is not allowed here; use ${allowed}.`,
  );
}
