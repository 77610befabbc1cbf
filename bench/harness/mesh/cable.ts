import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A link that can be cut: what dials `port` on loopback reaches the target through here. */
export interface Cable {
  readonly port: number;
  /** Bytes that went through, both ways. */
  carried(): number;
  /** As when it is pulled: both ends see their connection end, and a new one is refused. */
  cut(): Promise<void>;
  /** After a cut: whoever dials again gets through. */
  mend(): Promise<void>;
}

export async function layCable(target: number): Promise<Cable> {
  const ends = new Set<Socket>();
  let carried = 0;
  const join = (from: Socket, to: Socket): void => {
    ends.add(from);
    from.setNoDelay(true);
    from.on('data', (chunk: Buffer) => {
      carried += chunk.length;
      to.write(chunk);
    });
    from.on('error', () => {});
    from.on('close', () => to.destroy());
  };
  const lay = async (at: number): Promise<Server> => {
    const server = createServer((near) => {
      const far = connect(target, '127.0.0.1');
      join(near, far);
      join(far, near);
    });
    await new Promise<void>((done) => server.listen(at, '127.0.0.1', done));
    return server;
  };
  let server = await lay(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    carried: () => carried,
    async cut() {
      const closed = new Promise((done) => server.close(done));
      for (const end of ends) end.destroy();
      ends.clear();
      await closed;
    },
    async mend() {
      server = await lay(port);
    },
  };
}
