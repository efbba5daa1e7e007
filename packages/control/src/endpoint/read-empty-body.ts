import type { IncomingMessage } from 'node:http';
import { ControlError } from '../errors.ts';

const MAX_BODY_BYTES = 4 * 1024;

/** The command is in the token, so a body has nothing to say; `{}` is let through for clients that must send one. */
export async function readEmptyBody(request: IncomingMessage): Promise<void> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  // Not destroyed with the loop: the refusal goes over the same socket.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BODY_BYTES) {
      throw new ControlError(
        'CONTROL_BODY_TOO_LARGE',
        `The body is larger than ${MAX_BODY_BYTES} bytes; send none.`,
      );
    }
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString().trim();
  if (text !== '' && text !== '{}') {
    throw new ControlError(
      'CONTROL_BODY_NOT_EMPTY',
      'The command belongs into the token; send no body, or {}.',
    );
  }
}
