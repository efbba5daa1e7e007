/** A chat server that never closes a connection: each socket keeps its room's history with it. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { makeRows, makeText } from '../make-records.ts';

interface Member {
  readonly socket: Socket;
  readonly history: readonly string[];
}

const users = makeRows(52);
const members: Member[] = [];

const server = createServer((socket) => {
  const user = users[members.length % users.length];
  members.push({ socket, history: [makeText(110_000), user?.body ?? ''] });
  socket.write('welcome\n');
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  setInterval(() => {
    const client = connect(port, '127.0.0.1');
    // The client is content with its welcome and goes silent; nobody hangs up.
    client.once('data', () => client.pause());
  }, 70);
});
