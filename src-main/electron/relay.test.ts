import { describe, expect, it } from 'vitest';
import type { Transport, TransportHandlers } from '#shared/rpc/transport.ts';
import { memoryPair } from '#shared/rpc/transports/memory.ts';
import { relay } from './relay.ts';

const listen = (transport: Transport) => {
  const frames: unknown[] = [];
  const ended = Promise.withResolvers<string | null>();
  const handlers: TransportHandlers = { frame: (value) => frames.push(value), closed: ended.resolve };
  transport.listen(handlers);
  return { frames, ended: ended.promise };
};

describe('relaying a window to an agent that already runs', () => {
  it('passes frames both ways in order and ends both sides together', async () => {
    const [page, main] = memoryPair();
    const [socket, agent] = memoryPair();
    relay(main, socket);
    const atAgent = listen(agent);
    const atPage = listen(page);
    for (let n = 0; n < 5; n += 1) page.send({ t: 'req', n });
    agent.send({ t: 'welcome' });
    page.close();
    await atAgent.ended;
    expect(atAgent.frames).toEqual([0, 1, 2, 3, 4].map((n) => ({ t: 'req', n })));
    expect(atPage.frames.length).toBeLessThanOrEqual(1);
  });

  it('ends the page’s side when the agent goes away', async () => {
    const [page, main] = memoryPair();
    const [socket, agent] = memoryPair();
    relay(main, socket);
    const atPage = listen(page);
    listen(agent);
    agent.close();
    await atPage.ended;
  });
});
