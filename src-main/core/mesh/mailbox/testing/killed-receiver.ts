import process from 'node:process';
import { fromHex } from '#core/crypto/ids.ts';
import { startMailboxNode } from './mailbox-node.ts';

/*
 * A process that dies the moment a message is on disk, and before it can say so: `killed-receiver.ts DATABASE SECRET PORT`. It
 * dials the port and prints a line when the node there is linked.
 */
const [path, secret, port] = process.argv.slice(2);
const { node } = await startMailboxNode({
  ...(path === undefined ? {} : { path }),
  secret: fromHex(secret ?? '') ?? new Uint8Array(32),
  kept() {
    process.kill(process.pid, 'SIGKILL');
    return false;
  },
});
node.addPeer({ scheme: 'tcp', host: '127.0.0.1', port: Number(port) });
while (node.peers().length === 0) await new Promise((done) => setTimeout(done, 2));
process.stdout.write('linked\n');
