/** The service of the demo: a small shop with one plausible bug (see session-store.ts). Prints its port as one line. */
import type { AddressInfo } from 'node:net';
import express from 'express';
import { CartLine } from './session.ts';
import { SessionStore } from './session-store.ts';

/** A visitor of this shop is a crawler that puts everything it sees into the cart. */
const LINES_PER_VISIT = 20;

const store = new SessionStore();
const sweep = setInterval(() => store.dropExpired(), 5_000);
sweep.unref();

const app = express();
app.get('/products/:sku', (request, response) => {
  const cookie = /sid=([\w-]+)/.exec(request.get('cookie') ?? '')?.[1];
  const session = store.open(cookie, `${request.get('user-agent')} ${request.get('x-request-id')}`);
  for (let line = 0; line < LINES_PER_VISIT; line += 1) {
    session.cart.push(new CartLine(`${request.params.sku}-${line}`, 1 + line, new Date()));
  }
  session.cartHtml = renderCart(session.cart);
  response.cookie('sid', session.id).json({ sku: request.params.sku, items: session.cart.length });
});

const server = app.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
// Longer than the load's pauses, so that no request meets a closing connection.
server.keepAliveTimeout = 120_000;
// The demo holds the other end of stdin: when it is gone, however it ended, the shop ends too.
process.stdin.on('end', () => process.exit(0)).resume();

function renderCart(cart: readonly CartLine[]): string {
  return ['<table class="cart"><tbody>', ...cart.map(renderLine), '</tbody></table>'].join('\n');
}

function renderLine({ sku, quantity, addedAt }: CartLine): string {
  return (
    `<tr class="cart-line"><td class="cart-line__sku">${sku}</td><td class="cart-line__quantity">${quantity}</td>` +
    `<td><time datetime="${addedAt.toISOString()}">${addedAt.toUTCString()}</time></td>` +
    `<td><form method="post" action="/cart/${sku}/remove"><button class="button--quiet">Remove</button></form></td></tr>`
  );
}
