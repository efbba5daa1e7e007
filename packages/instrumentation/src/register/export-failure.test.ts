import { describe, expect, it } from 'vitest';
import { describeExportFailure, ExportError } from './export-failure.ts';

const coded = (code: string | number, message: string, data?: string): Error =>
  Object.assign(new Error(message), { code, data });

describe('describeExportFailure', () => {
  it.each([
    [coded('ECONNREFUSED', ''), 'connection', 'ECONNREFUSED'],
    [coded('CERT_HAS_EXPIRED', 'certificate has expired'), 'connection', 'certificate has expired'],
    [coded('ETIMEDOUT', 'connect ETIMEDOUT 10.0.0.1:4318'), 'timeout', 'connect ETIMEDOUT 10.0.0.1:4318'],
    [new Error('Request timed out'), 'timeout', 'Request timed out'],
    [new Error('Concurrent export limit reached'), 'timeout', 'Concurrent export limit reached'],
    [
      coded('ERR_INVALID_CHAR', 'Invalid character in header content ["k"]'),
      'other',
      'Invalid character in header content ["k"]',
    ],
    [
      coded(400, 'Bad Request', '{"message":"no unit"}'),
      'http',
      'HTTP 400 Bad Request: {"message":"no unit"}',
    ],
    [coded(404, 'Not Found', '<html>'), 'http', 'HTTP 404 Not Found'],
    [new ExportError('rejected', 'rejected 3 data points: old'), 'rejected', 'rejected 3 data points: old'],
    [new TypeError('odd'), 'other', 'odd'],
    ['text', 'other', 'text'],
  ])('of %o is of type %s', (error, type, reason) => {
    expect(describeExportFailure(error)).toEqual({ type, reason });
  });

  it.each([401, 403, 407])('does not repeat what HTTP %d says about keys', (status) => {
    const { reason } = describeExportFailure(coded(status, 'No', 'key secret is wrong'));
    expect(reason).toBe(`HTTP ${status} No`);
  });

  it('prints neither control characters of an answer nor a password', () => {
    const { reason } = describeExportFailure(
      coded(400, 'No', '\u0008\u0003\u0012http://u:secret@c\u001B[2J'),
    );
    expect(reason).toBe('HTTP 400 No: http://***@c[2J');
  });

  it('cuts what is long', () => {
    expect(describeExportFailure(coded(400, 'No', 'x'.repeat(10_000))).reason.length).toBeLessThan(250);
    expect(describeExportFailure(new Error('x'.repeat(10_000))).reason.length).toBe(400);
  });
});
