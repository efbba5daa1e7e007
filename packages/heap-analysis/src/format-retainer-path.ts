import type { LeakSuspect, RetainerStep } from '@heapfloor/contract';

const MAX_NAME_LENGTH = 100;

/** One line per step for a terminal, root first: `.sessions → Map`, `4,120 values → Session (session.js:8)`. */
export function formatRetainerPath(suspect: LeakSuspect): string[] {
  const path = suspect.retainerPath;
  const manyAt = 1 + path.findLastIndex(({ role }) => role === 'accumulator' || role === 'root');
  return path.map((step, index) => {
    const target = clean(step.name) + (step.source === null ? '' : ` (${clean(step.source)})`);
    if (step.edge === null) return target;
    const edge =
      index === manyAt ? manyText(step, suspect.countDelta) : clean(step.edge.replace(', in ', ' in '));
    return `${edge} → ${target}`;
  });
}

/** The step from the container to one of the many. */
function manyText({ edge }: RetainerStep, count: number): string {
  const text = edge ?? '';
  const amount = count.toLocaleString('en-US');
  if (text === '[key]' || text === '(value)') return `${amount} values`;
  return text === '[index]' ? `${amount} elements` : `${clean(text)}, ${amount} in all`;
}

/** Names come from the heap: a computed one may hold control characters, which a terminal would obey. */
function clean(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  const printable = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '�');
  return printable.length > MAX_NAME_LENGTH ? `${printable.slice(0, MAX_NAME_LENGTH - 1)}…` : printable;
}
