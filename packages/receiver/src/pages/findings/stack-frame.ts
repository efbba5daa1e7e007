import type { AllocationSite } from '@heapfloor/contract';

export interface StackFrame {
  readonly name: string;
  readonly source: string | null;
}

/** A line of a site's stack: `add (shop.js:3)`, or `add` alone, whose source a site of its own may know. */
export function frameOf(text: string, sites: readonly AllocationSite[]): StackFrame {
  // From the right, since a name may hold brackets itself: `(anonymous) (shop.js:1)`.
  const at = text.lastIndexOf(' (');
  if (at > 0 && text.endsWith(')')) return { name: text.slice(0, at), source: text.slice(at + 2, -1) };
  const own = sites.find(({ stack }) => stack.at(-1) === text);
  return { name: text, source: own?.source ?? null };
}

/** Neither a built-in of V8 nor code of Node itself. */
export function isUserCode(source: string | null): boolean {
  return source !== null && !source.startsWith('node:');
}
