import type { InspectorAccess } from '@heapfloor/contract';

/** A name that a shell takes as one word. */
const PLAIN_HOST = /^[0-9A-Za-z_][0-9A-Za-z_.@-]*$/;

export interface AccessPlace {
  /** As ssh knows it; left out where it is not known. */
  readonly host?: string;
  readonly instance: string;
  readonly captureId: string;
}

/** What to do with an open inspector, line by line for a terminal. The URL in it is a secret. */
export function describeAccess(
  access: InspectorAccess,
  { host = '', instance, captureId }: AccessPlace,
): string[] {
  const { port, webSocketUrl, expiresAt, provenClosedAt } = access;
  if (provenClosedAt !== null)
    return [
      `The inspector of ${instance} is closed: 127.0.0.1:${port} refused a connection at ${provenClosedAt}.`,
    ];
  if (webSocketUrl === '')
    return [
      `The inspector of ${instance} is closed, but no connection to 127.0.0.1:${port} was refused yet.`,
    ];
  const target = PLAIN_HOST.test(host) ? host : '<host>';
  return [
    `An inspector of ${instance} is open until ${expiresAt}, for one session: it closes when DevTools leaves.`,
    '1. If the app runs on another machine, keep one of these running:',
    `     ssh -N -L ${port}:127.0.0.1:${port} ${target}`,
    `     kubectl port-forward <pod> ${port}:${port}`,
    '2. Paste this into the address bar of Chrome or Edge (a link does not open it):',
    `     ${devToolsUrl(webSocketUrl)}`,
    `   Any other client of the DevTools protocol: ${webSocketUrl}`,
    '3. Memory: "Heap snapshot" compares, "Allocation sampling" is light. A snapshot stops the app while it is taken;',
    '   a breakpoint stops all of its requests, its health checks too, until you resume or the inspector closes.',
    `4. Close the DevTools window, or stop capture ${captureId}.`,
    'Whoever has this URL can run any code in the app: share it with nobody.',
  ];
}

/**
 * The front end for Node that Chrome brings along; it takes the address without its scheme. With `experiments=true`, which
 * Node prints and others copy, Chromium 156 says ERR_INVALID_URL.
 */
export function devToolsUrl(webSocketUrl: string): string {
  return `devtools://devtools/bundled/js_app.html?v8only=true&ws=${webSocketUrl.slice('ws://'.length)}`;
}
