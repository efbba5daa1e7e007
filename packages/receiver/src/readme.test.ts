import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RECEIVER_ERRORS, ReceiverError, type ReceiverErrorCode } from './errors.ts';
import { formatErrorTable, formatOptionsTable } from './readme-tables.ts';
import { startReceiver } from './start-receiver.ts';
import { parseTargets } from './targets/parse-targets.ts';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The text between `<!-- name:start -->` and `<!-- name:end -->`. */
function section(name: string): string {
  const [, after = ''] = README.split(`<!-- ${name}:start -->\n`);
  return after.split(`\n<!-- ${name}:end -->`)[0] ?? '';
}

/** The first code block in the given language under a heading. */
function codeUnder(heading: string, language: string): string {
  const [, after = ''] = README.split(`\n${heading}\n`);
  return new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(after)?.[1] ?? '';
}

describe('the README', () => {
  it('shows the options of the schema', () => {
    expect(section('options')).toBe(formatOptionsTable());
  });

  it('shows every error code', () => {
    expect(section('errors')).toBe(formatErrorTable());
  });

  it('has a targets file that is read', () => {
    const { targets, problems } = parseTargets(codeUnder('## Targets', 'yaml'));
    expect(problems).toEqual([]);
    expect(targets.map(({ instance }) => instance)).toEqual(['shop-1', 'checkout-7d0c3a52']);
  });

  it('has a webhook sample that is answered as it says', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'heapfloor-readme-'));
    await writeFile(join(directory, 'targets.yaml'), codeUnder('## Targets', 'yaml'));
    const receiver = await startReceiver(
      {
        port: 0,
        dataDirectory: join(directory, 'data'),
        targetsFile: join(directory, 'targets.yaml'),
        allowUnsigned: true,
        maxAlertAgeSeconds: 1e9,
      },
      { log: () => {} },
    );
    const response = await fetch(`${receiver.url}/hooks/alertmanager`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: codeUnder('### `POST /hooks/alertmanager`', 'json'),
    });
    const answer = (await response.json()) as { captures: { captureId: string }[] };
    await receiver.close();
    await rm(directory, { recursive: true });
    const [capture] = answer.captures;
    const shown = codeUnder('### `POST /hooks/alertmanager`', 'jsonc').replace(/\/\/.*\n/, '');
    const expected: unknown = JSON.parse(
      shown.replace('0mwrq9s10-5b0c9d2f4e6a7b81', capture?.captureId ?? ''),
    );
    expect(answer).toEqual(expected);
  });
});

describe('ReceiverError', () => {
  it('has the kind that its status says', () => {
    for (const [code, { kind, status }] of Object.entries(RECEIVER_ERRORS)) {
      const error = new ReceiverError(code as ReceiverErrorCode, 'message');
      expect([error.code, error.kind, error.status]).toEqual([code, kind, status]);
      expect([code, kind === 'caller']).toEqual([code, status < 500]);
    }
  });
});
