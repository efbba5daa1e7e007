import { createServer } from 'node:http';

/**
 * The app under every variant. Each answer allocates some 100 KB that die young, as a handler of JSON does.
 * JavaScript and not TypeScript, as all programs here: stripping types would put its own megabytes into every figure.
 */
const server = createServer((request, response) => {
  if (request.url === '/exit') process.exit(0);
  const items = Array.from({ length: 300 }, (_, id) => ({ id, name: `item ${id}`, tags: ['a', 'b'] }));
  response.setHeader('content-type', 'application/json').end(JSON.stringify(items));
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`app ${server.address().port}\n`);
});
