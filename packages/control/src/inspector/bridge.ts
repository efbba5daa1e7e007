import { z } from 'zod';
import type { CdpSession, Notification } from './cdp-session.ts';
import { createWorkerSessions } from './worker-sessions.ts';

/** JSON-RPC's codes, which the DevTools protocol uses. */
const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const METHOD_NOT_FOUND = -32_601;
const SERVER_ERROR = -32_000;

/** Node puts the protocol's code into the text: `Inspector error -32601: 'X.y' wasn't found`. */
const INSPECTOR_ERROR = /^Inspector error (-\d+): ([^]*)$/;

const cdpCommand = z.object({
  id: z.int(),
  method: z.string(),
  params: z.record(z.string(), z.unknown()).default({}),
  /** Of the flat form, which `node:inspector` cannot send. */
  sessionId: z.string().optional(),
});
type CdpCommand = z.output<typeof cdpCommand>;

export interface BridgeOptions {
  readonly connect: (onNotification: (notification: Notification) => void) => CdpSession;
  /** To the client. */
  readonly send: (text: string) => void;
  /** The client asks for more than the app answers. */
  readonly overload: (reason: string) => void;
  readonly ownThreadId: number;
  /** Most bytes of commands without an answer: the app may be stuck in native code. */
  readonly maxUnansweredBytes: number;
}

/** Passes commands of a client to the main isolate, answers and notifications back. */
export interface Bridge {
  readonly receive: (text: string) => void;
  /** Lets the app go on; nothing is sent from then on. */
  readonly release: () => void;
}

export function createBridge({
  connect,
  overload,
  ownThreadId,
  maxUnansweredBytes,
  ...client
}: BridgeOptions): Bridge {
  let isReleased = false;
  let unansweredBytes = 0;
  const send = (message: object): void => {
    if (!isReleased) client.send(JSON.stringify(message));
  };
  const session = connect((notification) => {
    if (workers.observe(notification)) send(notification);
  });
  const workers = createWorkerSessions(session, ownThreadId);
  const fail = (id: number | undefined, code: number, message: string): void =>
    send({ id, error: { code, message } });

  function perform({ id, method, params }: CdpCommand, sizeBytes: number): void {
    unansweredBytes += sizeBytes;
    if (unansweredBytes > maxUnansweredBytes) {
      overload(`${unansweredBytes} bytes of commands wait for an answer`);
      return;
    }
    session.post(method, params, (error, result) => {
      unansweredBytes -= sizeBytes;
      if (error === null) send({ id, result });
      else fail(id, ...readInspectorError(error));
    });
  }

  return {
    receive(text) {
      if (isReleased) return;
      const command = parseCommand(text);
      if (command === 'no JSON') fail(undefined, PARSE_ERROR, 'The message is not JSON');
      else if (command === 'no command')
        fail(undefined, INVALID_REQUEST, 'The message needs an integer id and a method');
      else if (command.sessionId !== undefined || command.method.startsWith('Target.'))
        fail(
          command.id,
          METHOD_NOT_FOUND,
          `'${command.method}' wasn't found: workers are reached by NodeWorker`,
        );
      else if (workers.isOwnThread(command.params['sessionId']))
        fail(command.id, SERVER_ERROR, 'The control thread, which closes this inspector, cannot be debugged');
      else perform(command, text.length);
    },
    release() {
      if (isReleased) return;
      isReleased = true;
      workers.release();
      session.disconnect();
    },
  };
}

function parseCommand(text: string): CdpCommand | 'no JSON' | 'no command' {
  try {
    const parsed = cdpCommand.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : 'no command';
  } catch {
    return 'no JSON';
  }
}

function readInspectorError({ message }: Error): [number, string] {
  const match = INSPECTOR_ERROR.exec(message);
  return match === null ? [SERVER_ERROR, message] : [Number(match[1]), match[2] ?? ''];
}
