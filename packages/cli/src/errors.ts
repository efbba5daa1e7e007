import { HeapfloorError } from '@heapfloor/contract';

/** A station of the demo did not do its part. */
export class DemoError extends HeapfloorError {
  constructor(
    code: 'CLI_DEMO_SHOP_DIED' | 'CLI_INTERRUPTED' | 'CLI_DEMO_TIMEOUT' | 'CLI_DEMO_CAPTURE_FAILED',
    message: string,
    cause?: unknown,
  ) {
    super(code, message, { kind: 'dependency', cause });
    this.name = 'DemoError';
  }
}
