/** A child of a cluster: a service with a heap of its own. */
import { createServer } from 'node:http';

createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
