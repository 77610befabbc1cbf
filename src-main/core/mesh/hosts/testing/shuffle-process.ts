import { connect, createServer, type Socket } from 'node:net';
import process from 'node:process';
import { createFrameReader } from '../../wire/frame-reader.ts';

/*
 * A bad stretch of the way between two nodes, for kernels that cannot shuffle: `shuffle-process.ts ADDRESS` takes links at
 * port 9651 and passes them on to the same port of that address. What the nodes say to each other about routes passes as it is; of
 * the packets a fifth waits for 1 to 6 ms while others pass it, one in a hundred is lost, and one comes twice. A line on standard
 * output says that it is ready; one for each line of input, how many packets came and how many of them were passed by others.
 */
const [to = ''] = process.argv.slice(2);
const seen = { packets: 0, passed: 0 };
/** The same at each run. */
let state = 20261123;
const random = (): number => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return state / 2 ** 32;
};

function shuffle(from: Socket, into: Socket): void {
  const write = (bytes: Uint8Array): void => {
    if (!into.destroyed) into.write(bytes);
  };
  const reader = createFrameReader({
    control: (bytes, at, length) => write(bytes.slice(at, at + length)),
    data(bytes, at, length) {
      const packet = bytes.slice(at, at + length);
      seen.packets++;
      const luck = random();
      if (luck < 0.01) return;
      if (luck < 0.02) write(packet);
      if (luck < 0.2) {
        seen.passed++;
        setTimeout(() => write(packet), 1 + random() * 5);
      } else write(packet);
    },
  });
  from.on('data', (bytes: Buffer) => {
    if (!reader.push(new Uint8Array(bytes))) from.destroy();
  });
  from.on('error', () => {});
  from.on('close', () => into.destroy());
}

createServer({ noDelay: true }, (near) => {
  const far = connect({ host: to, port: 9651, noDelay: true });
  shuffle(near, far);
  shuffle(far, near);
}).listen(9651, '0.0.0.0', () => process.stdout.write('ready\n'));
process.stdin.on('data', () => process.stdout.write(`${JSON.stringify(seen)}\n`));
process.stdin.on('end', () => process.exit(0));
