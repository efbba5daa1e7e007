import { documentOptions } from '@heapfloor/contract';
import { RECEIVER_ERRORS } from './errors.ts';
import { receiverOptions } from './options.ts';

/** Options as the README shows them; printed from the schema, never typed. */
export function formatOptionsTable(): string {
  const rows = documentOptions(receiverOptions).map(({ name, env, type, defaultText, description }) =>
    formatRow([`\`${name}\``, `\`${env}\``, type, codeOrNone(defaultText), description]),
  );
  return [
    formatRow(['option', 'variable', 'type', 'default', 'meaning']),
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

/** Every error code with its HTTP status. */
export function formatErrorTable(): string {
  const rows = Object.entries(RECEIVER_ERRORS).map(([code, { status, meaning }]) =>
    formatRow([`\`${code}\``, String(status), meaning]),
  );
  return [formatRow(['code', 'status', 'meaning']), '|---|---|---|', ...rows].join('\n');
}

function formatRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function codeOrNone(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}
