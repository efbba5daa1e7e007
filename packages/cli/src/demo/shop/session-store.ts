import { randomUUID } from 'node:crypto';
import { Session } from './session.ts';

const MAX_AGE_MS = 30_000;

/** Sessions in memory, dropped when they expire. */
export class SessionStore {
  readonly sessions = new Map<string, Session>();

  /** The session of a cookie, or a new one: crawlers and probes send no cookie and get a new one every time. */
  open(id: string | undefined, userAgent: string): Session {
    const known = id === undefined ? undefined : this.sessions.get(id);
    const session = known ?? new Session(randomUUID(), userAgent, 0);
    session.expiresAt = Date.now() + MAX_AGE_MS;
    this.sessions.set(session.id, session);
    return session;
  }

  /** The leak of this demo: `expiresAt` is in milliseconds, `now` in seconds, so nothing ever expires. */
  dropExpired(): void {
    const now = Math.floor(Date.now() / 1000);
    for (const session of this.sessions.values()) {
      if (session.expiresAt < now) this.sessions.delete(session.id);
    }
  }
}
