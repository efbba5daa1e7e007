import type { ControlCommand } from '@heapfloor/contract';
import { ControlError, cutText } from '../errors.ts';

export type Route =
  | { readonly name: 'health' }
  | { readonly name: 'start'; readonly action: 'capture' }
  | { readonly name: 'operation'; readonly action: 'read' | 'delete'; readonly captureId: string }
  | { readonly name: 'stop'; readonly action: 'stop'; readonly captureId: string }
  | { readonly name: 'reset'; readonly action: 'reset'; readonly kind: string }
  | {
      readonly name: 'artifact';
      readonly action: 'read';
      readonly captureId: string;
      readonly fileName: string;
    };

interface Path {
  readonly pattern: RegExp;
  readonly methods: readonly string[];
  readonly toRoute: (method: string, captured: string, fileName: string) => Route;
}

const READ = ['GET', 'HEAD'] as const;

/** What has an effect is a POST or a DELETE: no link and no image on a web page sends one. */
const PATHS: readonly Path[] = [
  { pattern: /^\/healthz$/, methods: READ, toRoute: () => ({ name: 'health' }) },
  {
    pattern: /^\/v1\/captures$/,
    methods: ['POST'],
    toRoute: () => ({ name: 'start', action: 'capture' }),
  },
  {
    pattern: /^\/v1\/captures\/([0-9a-z-]{8,64})$/,
    methods: [...READ, 'DELETE'],
    toRoute: (method, captureId) => ({
      name: 'operation',
      action: method === 'DELETE' ? 'delete' : 'read',
      captureId,
    }),
  },
  {
    pattern: /^\/v1\/captures\/([0-9a-z-]{8,64})\/stop$/,
    methods: ['POST'],
    toRoute: (_method, captureId) => ({ name: 'stop', action: 'stop', captureId }),
  },
  {
    pattern: /^\/v1\/captures\/([0-9a-z-]{8,64})\/artifacts\/([0-9A-Za-z._-]{1,200})$/,
    methods: READ,
    toRoute: (_method, captureId, fileName) => ({ name: 'artifact', action: 'read', captureId, fileName }),
  },
  {
    pattern: /^\/v1\/lockouts\/([a-z-]{1,40})\/reset$/,
    methods: ['POST'],
    toRoute: (_method, kind) => ({ name: 'reset', action: 'reset', kind }),
  },
];

/** @throws ControlError for an unknown path or a method that the path does not have. */
export function findRoute(method: string, url: string): Route {
  const path = PATHS.find(({ pattern }) => pattern.test(url));
  if (path === undefined)
    throw new ControlError('CONTROL_ROUTE_UNKNOWN', `There is no ${cutText(url)} here.`);
  if (!path.methods.includes(method)) {
    throw new ControlError(
      'CONTROL_METHOD_NOT_ALLOWED',
      `${cutText(method, 20)} is not allowed here; use ${path.methods.join(' or ')}.`,
    );
  }
  const [, captured = '', fileName = ''] = path.pattern.exec(url) ?? [];
  return path.toRoute(method, captured, fileName);
}

/** For the `Allow` header of a 405. */
export function allowedMethods(url: string): string {
  return (PATHS.find(({ pattern }) => pattern.test(url))?.methods ?? []).join(', ');
}

/** A signed command is for one action on one capture or kind; a route can't make it into another. @throws ControlError */
export function assertFits(route: Exclude<Route, { name: 'health' }>, command: ControlCommand): void {
  const commanded = 'captureId' in command ? command.captureId : command.kind;
  const routed = 'captureId' in route ? route.captureId : 'kind' in route ? route.kind : commanded;
  if (route.action === command.action && routed === commanded) return;
  throw new ControlError(
    'CONTROL_ACTION_MISMATCH',
    `The signed command is "${command.action}" of ${commanded}; this route is "${route.action}" of ${routed}.`,
  );
}
