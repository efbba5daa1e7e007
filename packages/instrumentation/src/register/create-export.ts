import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { PushReader, type PushReaderOptions } from './push-reader.ts';
import type { Attributes } from './read-resource.ts';

/** The way out for the metrics of one isolate. */
export interface IsolateExport {
  readonly provider: MeterProvider;
  readonly reader: PushReader;
}

/**
 * A MeterProvider of our own. It is not made the global one: the app's own SDK may come later, and its registration
 * would fail.
 */
export function createExport(attributes: Attributes, options: PushReaderOptions): IsolateExport {
  const reader = new PushReader(options);
  return {
    provider: new MeterProvider({ resource: resourceFromAttributes({ ...attributes }), readers: [reader] }),
    reader,
  };
}
