import { createZdbServer } from '../server.ts';
import { nodeDisk } from '../store/disk.ts';
import { serverDefaults } from './bench.ts';

/** A server in a process of its own, to be killed: `node server-child.ts DIRECTORY`. Prints its port as a line. */
const [directory = ''] = process.argv.slice(2);
const server = await createZdbServer({
  ...serverDefaults,
  directory,
  disk: nodeDisk,
  datasize: 524_288,
  clearEvery: 5,
});
console.log(await server.listen({ port: 0 }));
