import { cutText } from '../errors.ts';
import type { IsolateChannel } from './main-isolate.ts';

interface EvaluateResult<Value> {
  readonly result: { readonly value?: Value };
  readonly exceptionDetails?: {
    readonly text: string;
    readonly exception?: { readonly description?: string };
  };
}

/**
 * Evaluates one of our own expressions in an isolate; nothing that comes over the wire is ever part of one, but as JSON.
 * `silent` and `disableBreaks`: a debugger that somebody has attached must not stop in it.
 */
export async function evaluate<Value>(
  channel: IsolateChannel,
  expression: string,
  timeoutMs: number,
): Promise<Value> {
  const params = { expression, returnByValue: true, silent: true, disableBreaks: true };
  const { result, exceptionDetails } = await channel.send<EvaluateResult<Value>>(
    'Runtime.evaluate',
    params,
    timeoutMs,
  );
  if (exceptionDetails !== undefined) {
    const { text, exception } = exceptionDetails;
    throw new Error(cutText((exception?.description ?? text).split('\n', 1)[0] ?? text, 200));
  }
  return result.value as Value;
}
