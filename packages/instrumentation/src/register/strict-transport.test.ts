import { describe, expect, it } from 'vitest';
import { createStrictTransport, type Transport } from './strict-transport.ts';

type Answer = Awaited<ReturnType<Transport['send']>>;

/** What becomes of an answer. */
async function strictly(
  answer: Answer,
  parse = (data: Uint8Array) => JSON.parse(Buffer.from(data).toString()),
) {
  const transport: Transport = { send: async () => answer, shutdown() {} };
  const strict = await createStrictTransport(transport, parse).send(new Uint8Array(), 1000);
  return strict.status === 'failure' ? strict.error.message : strict.status;
}

const body = (text: string): Answer => ({ status: 'success', data: Buffer.from(text) });

describe('createStrictTransport', () => {
  it.each([
    '{}',
    '{"partialSuccess":{}}',
    '{"partialSuccess":null}',
    '{"partialSuccess":{"rejectedDataPoints":"0"}}',
    // A warning: all points were taken.
    '{"partialSuccess":{"errorMessage":"use gzip"}}',
    'null',
    'ok',
    '',
  ])('takes %s for a success', async (text) => {
    expect(await strictly(body(text))).toBe('success');
  });

  it.each([
    [
      '{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"too old"}}',
      'rejected 3 data points: too old',
    ],
    ['{"partialSuccess":{"rejectedDataPoints":3}}', 'rejected 3 data points: '],
    [' \n<!doctype html><p>Log in</p>', 'answered with a page: not a collector'],
  ])('takes %s for a failure', async (text, message) => {
    expect(await strictly(body(text))).toBe(message);
  });

  it('passes on what has failed, and does not let it be repeated', async () => {
    expect(await strictly({ status: 'failure', error: new Error('no') })).toBe('no');
    expect(await strictly({ status: 'retryable', error: new Error('reset') })).toBe('reset');
    expect(await strictly({ status: 'retryable' })).toBe('overloaded or away: HTTP 429, 502, 503 or 504');
    expect(await strictly({ status: 'success' })).toBe('success');
  });

  it('sends once more over a new connection when the kept one was reset', async () => {
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    const answers: Answer[] = [{ status: 'retryable', error: reset }, body('{}')];
    const send = async (): Promise<Answer> => answers.shift() ?? { status: 'retryable', error: reset };
    const strict = createStrictTransport({ send, shutdown() {} }, () => null);
    expect((await strict.send(new Uint8Array(), 1000)).status).toBe('success');
    expect(await strict.send(new Uint8Array(), 1000)).toEqual({ status: 'failure', error: reset });
  });

  it('does not send again what we have reset ourselves', async () => {
    const reset = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    let sentCount = 0;
    let abortCount = 0;
    const send = async (): Promise<Answer> => {
      sentCount += 1;
      abortCount += 1;
      return { status: 'retryable', error: reset };
    };
    const strict = createStrictTransport(
      { send, shutdown() {} },
      () => null,
      () => abortCount,
    );
    expect((await strict.send(new Uint8Array(), 1000)).status).toBe('failure');
    expect(sentCount).toBe(1);
  });
});
