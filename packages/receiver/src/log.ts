/** One line of the log. `event` is a word for code; the rest are its numbers. Never a secret, never a body. */
export interface LogEntry {
  readonly at: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly [field: string]: unknown;
}

export type Log = (entry: LogEntry) => void;

/** What the parts call; the time is added in one place. */
export type LogEvent = (
  level: LogEntry['level'],
  event: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

export function createLogEvent(log: Log, clock: () => Date): LogEvent {
  return (level, event, fields = {}) => log({ at: clock().toISOString(), level, event, ...fields });
}

/** JSON lines on stderr: stdout belongs to whoever embeds the receiver. */
export function logToStderr(entry: LogEntry): void {
  process.stderr.write(`${JSON.stringify(entry)}\n`);
}
