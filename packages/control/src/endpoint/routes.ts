import type { ControlCommand } from '@heapfloor/contract';
import { ControlError, cutText } from '../errors.ts';

export type Route =
  | { readonly name: 'health' }
  | { readonly name: 'start'; readonly action: 'capture' }
  | { readonly name: 'operation'; readonly action: 'read' | 'delete'; readonly captureId: string }
  | {
      readonly name: 'artifact';
      readonly action: 'read';
      readonly captureId: string;
      readonly fileName: string;
    };

const PATH = /^\/v1\/captures(?:\/([0-9a-z-]{8,64})(?:\/artifacts\/([0-9A-Za-z._-]{1,200}))?)?$/;

/** @throws ControlError for an unknown path or a method that the path does not have. */
export function findRoute(method: string, url: string): Route {
  if (url === '/healthz') {
    requireMethod(method, ['GET']);
    return { name: 'health' };
  }
  const match = PATH.exec(url);
  if (match === null) throw new ControlError('CONTROL_ROUTE_UNKNOWN', `There is no ${cutText(url)} here.`);
  const [, captureId, fileName] = match;
  if (captureId === undefined) {
    requireMethod(method, ['POST']);
    return { name: 'start', action: 'capture' };
  }
  if (fileName !== undefined) {
    requireMethod(method, ['GET']);
    return { name: 'artifact', action: 'read', captureId, fileName };
  }
  requireMethod(method, ['GET', 'DELETE']);
  return { name: 'operation', action: method === 'DELETE' ? 'delete' : 'read', captureId };
}

/** A signed command is for one action on one capture; a route can't make it into another. @throws ControlError */
export function assertFits(route: Exclude<Route, { name: 'health' }>, command: ControlCommand): void {
  const captureId = 'captureId' in route ? route.captureId : command.captureId;
  if (route.action === command.action && captureId === command.captureId) return;
  throw new ControlError(
    'CONTROL_ACTION_MISMATCH',
    `The signed command is "${command.action}" of ${command.captureId}; this route is "${route.action}" of ${captureId}.`,
  );
}

function requireMethod(method: string, allowed: readonly string[]): void {
  if (allowed.includes(method)) return;
  throw new ControlError(
    'CONTROL_METHOD_NOT_ALLOWED',
    `${cutText(method, 20)} is not allowed here; use ${allowed.join(' or ')}.`,
  );
}
