import { diag } from '@opentelemetry/api';

/** Runs our work inside the app's process: a failure is logged at debug and never reaches the app. */
export function quietly(what: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    logDebug(`heapfloor: ${what} failed`, error);
  }
}

function logDebug(message: string, error: unknown): void {
  try {
    diag.debug(message, error);
  } catch {
    // The app's own logger failed; there is nobody else to tell.
  }
}
