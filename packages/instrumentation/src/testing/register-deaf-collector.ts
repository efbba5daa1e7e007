/** Listens and never accepts: once its queue is full, packets of others are dropped, as by a firewall. Until it is killed. */
import { createServer, type AddressInfo } from 'node:net';

const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`port=${port}\n`, () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
});
