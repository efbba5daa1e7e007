import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { proveClosed } from './prove-closed.ts';

it('tells when a connection was refused', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const beforeMs = Date.now();
  const { provenClosedAt, doubt } = await proveClosed(port);
  expect(doubt).toBeNull();
  expect(Date.parse(provenClosedAt ?? '')).toBeGreaterThanOrEqual(beforeMs);
});

it('claims no proof where something else answers', async () => {
  let knockCount = 0;
  const server = createServer(() => {
    knockCount += 1;
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await proveClosed(port)).toEqual({
    provenClosedAt: null,
    doubt: `the inspector has closed, but something else accepts connections on 127.0.0.1:${port} now`,
  });
  expect(knockCount).toBe(5);
  server.close();
});
