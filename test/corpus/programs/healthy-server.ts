/** A web server with steady traffic: bodies, headers, a bounded cache of sessions. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeRows, makeText } from '../make-records.ts';

const sessions = makeRows(46);
let answered = 0;

const server = createServer((incoming, response) => {
  incoming.resume();
  incoming.on('end', () => {
    answered += 1;
    sessions[answered % sessions.length] = { id: answered, body: makeText(1980) };
    response.end(JSON.stringify({ answered, page: makeText(30_000) }));
  });
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  const timer = setInterval(() => {
    const outgoing = request({ port, method: 'POST', agent: false }, (response) => response.resume());
    outgoing.end(makeText(20_000));
  }, 25);
  setTimeout(() => {
    clearInterval(timer);
    server.close();
  }, 28_000);
});
