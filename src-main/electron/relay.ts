import type { Transport } from '#shared/rpc/transport.ts';

/** Frames waiting on a side that does not read, in bytes, before the relay gives up. */
const mostBuffered = 64 * 1024 * 1024;

/**
 * Join two transports: frames go through as they are, and the end of one is the end of the other. This is how a window
 * reaches an agent that already runs elsewhere: main relays its port to the local socket and looks at nothing.
 */
export function relay(a: Transport, b: Transport): void {
  const join = (from: Transport, to: Transport) =>
    from.listen({
      frame(value) {
        try {
          to.send(value);
        } catch {
          // Over the other side's limit, or nothing that its wire can carry: neither is a frame of ours.
          from.close();
          to.close();
        }
        if (to.buffered > mostBuffered) {
          from.close();
          to.close();
        }
      },
      closed: () => to.close(),
    });
  join(a, b);
  join(b, a);
}
