/** A session store without expiry: every visitor gets an entry in a Map, and none is ever deleted. */
import { makeRows, makeText, type Row } from '../make-records.ts';

interface Session {
  readonly user: string;
  readonly startedAt: Date;
  readonly cart: string[];
}

const catalog: readonly Row[] = makeRows(44);
const sessions = new Map<string, Session>();

function visit(visitor: number): void {
  const session = { user: `user ${visitor}`, startedAt: new Date(), cart: [makeText(20_000)] };
  sessions.set(`session-${visitor}`, session);
  session.cart.push(catalog[visitor % catalog.length]?.body ?? '');
}

let visitors = 0;
setInterval(() => {
  visit(visitors);
  visit(visitors + 1);
  visitors += 2;
}, 25);
