import type { GraphColumns } from './columns.ts';
import { createNameTest } from './name-test.ts';

/** The class name that is made for a node; null where the class is called as the node is. */
export type ClassNameRules = (type: number, stringIndex: number) => string | null;

/** DevTools' `calculateObjectNames`. */
export function classNameRules({ nodeTypes, strings }: GraphColumns): ClassNameRules {
  const fixed = new Map([
    [nodeTypes.hidden, '(system)'],
    [nodeTypes.code, '(compiled code)'],
    [nodeTypes.closure, 'Function'],
    [nodeTypes.regexp, 'RegExp'],
  ]);
  for (const [type, number] of Object.entries(nodeTypes)) {
    if (!fixed.has(number)) fixed.set(number, `(${type})`);
  }
  const isMarkup = createNameTest(strings, (text) => text.startsWith('<') || text.startsWith('Detached <'));
  return (type, stringIndex) => {
    if (type !== nodeTypes.object && type !== nodeTypes.native) return fixed.get(type) ?? '(unknown)';
    return isMarkup(stringIndex) ? tagName(strings.get(stringIndex)) : null;
  };
}

/** `<div id="a">` → `<div>`. */
function tagName(name: string): string {
  const firstSpace = name.indexOf(' ', name.startsWith('<') ? 0 : 'Detached <'.length);
  return firstSpace === -1 ? name : `${name.slice(0, firstSpace)}>`;
}
