import { diag } from '@opentelemetry/api';

/** Runs our work inside the app's process: a failure is logged at debug and never reaches the app. */
export function quietly(what: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    diag.debug(`heapfloor: ${what} failed`, error);
  }
}
