import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeStartFailure, INSTALL_COMMAND } from './describe-start-failure.ts';

describe('describeStartFailure', () => {
  it('names the versions of package.json in the install command', () => {
    const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    const { optionalDependencies } = JSON.parse(manifest) as { optionalDependencies: Record<string, string> };
    for (const [name, version] of Object.entries(optionalDependencies)) {
      expect(INSTALL_COMMAND).toContain(`${name}@${version}`);
    }
  });

  it('knows an API that is too old for register mode', () => {
    const message =
      "The requested module '@opentelemetry/api' does not provide an export named 'SeverityNumber'";
    const [code, text] = describeStartFailure(new SyntaxError(message));
    expect(code).toBe('INSTRUMENTATION_SDK_MISSING');
    expect(text).toContain('older than 1.10');
  });

  it('passes on what it does not know', () => {
    expect(describeStartFailure(new Error('odd'))).toEqual([
      'INSTRUMENTATION_START_FAILED',
      'odd; no metrics',
    ]);
  });
});
