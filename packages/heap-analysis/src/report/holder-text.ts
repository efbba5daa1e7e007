import type { PathStep } from './retainer-path.ts';

/** Containers and literals: their name alone does not tell which one it is. */
const ANONYMOUS = new Set(['Object', 'Array', 'Map', 'Set', 'WeakMap', 'WeakSet']);
const VARIABLE = /^(?<name>.+), in (?:module|closure) scope$/;

/** The holder in a few words: `SessionStore.sessions`, `auditLog (shop.js)`. */
export function describeHolder(path: readonly PathStep[]): string {
  const at = path.findLastIndex(({ role }) => role === 'accumulator');
  if (at === -1) return path[0]?.name ?? '(GC roots)';
  let text = '';
  for (let index = at; index > 0; index--) {
    const step = path[index]!;
    const edge = step.edge ?? '';
    const variable = VARIABLE.exec(edge)?.groups?.['name'];
    if (variable !== undefined) return `${variable}${text}${fileSuffix(step)}`;
    text = edge + text;
    const before = path[index - 1]!;
    if (before.role === 'root') return edge.startsWith('global') ? text : `${before.name} ${text}`;
    if (!isAnonymous(before.name)) return `${before.name}${text}`;
  }
  return text;
}

function isAnonymous(name: string): boolean {
  return ANONYMOUS.has(name) || name.startsWith('{');
}

function fileSuffix({ scopeSource }: PathStep): string {
  return scopeSource === null ? '' : ` (${scopeSource})`;
}
