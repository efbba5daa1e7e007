import { createServer } from 'node:http';
import { collectDefaultMetrics, register } from 'prom-client';

collectDefaultMetrics();
const server = createServer(async (_request, response) => {
  response.setHeader('content-type', register.contentType).end(await register.metrics());
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`metrics ${server.address().port}\n`));
