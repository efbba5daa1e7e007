/** A web server that keeps the last requests "for debugging", and forgot to say how many. */
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeRows, makeText } from '../make-records.ts';

interface Seen {
  readonly request: IncomingMessage;
  readonly answer: string;
}

const articles = makeRows(46);
const recent: Seen[] = [];

const server = createServer((request, response) => {
  const id = Number(request.url?.slice(1));
  const answer = makeText(40_000) + (articles[id % articles.length]?.body ?? '');
  recent.push({ request, answer });
  response.end(answer);
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  let id = 0;
  setInterval(() => {
    id += 1;
    get({ port, path: `/${id}`, agent: false }, (response) => response.resume());
  }, 40);
});
