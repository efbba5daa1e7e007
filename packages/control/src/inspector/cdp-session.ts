import { Session } from 'node:inspector';

export interface Notification {
  readonly method: string;
  readonly params?: unknown;
}

/** A session of the DevTools protocol with the main isolate, and over it with the workers. */
export interface CdpSession {
  readonly post: (
    method: string,
    params?: object,
    answer?: (error: Error | null, result?: object) => void,
  ) => void;
  /** The main thread goes on if it was paused. */
  readonly disconnect: () => void;
}

/** @throws where it is not called in a worker thread. */
export function connectToMainIsolate(onNotification: (notification: Notification) => void): CdpSession {
  const session = new Session();
  session.on('inspectorNotification', onNotification);
  session.connectToMainThread();
  return {
    post: (method, params = {}, answer = () => {}) => session.post(method, params, answer),
    disconnect: () => session.disconnect(),
  };
}
