import { connect } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { startTestMesh, type TestMesh } from '../testing/test-mesh.ts';
import { onlyForNow } from './only-for-now.ts';

const agents: TestMesh[] = [];
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.stop();
});

/** Lets each change of a table fail from now on, until the returned function is called. */
function broken({ home }: TestMesh, table: string): () => void {
  const db = new DatabaseSync(join(home, 'mesh.db'));
  const kinds = ['INSERT', 'UPDATE', 'DELETE'];
  for (const kind of kinds) {
    db.exec(`CREATE TRIGGER ${table}_${kind} BEFORE ${kind} ON ${table} BEGIN SELECT RAISE(FAIL, 'not now'); END`);
  }
  return () => {
    for (const kind of kinds) db.exec(`DROP TRIGGER ${table}_${kind}`);
    db.close();
  };
}

async function connected(port: number | null): Promise<void> {
  const socket = connect(port ?? 0, '127.0.0.1');
  await new Promise<void>((done, failed) => socket.once('connect', done).once('error', failed));
  socket.destroy();
}

describe('what is taken away where it cannot be written down', () => {
  it('is gone: the node that was left, until the next start', async () => {
    const agent = await startTestMesh();
    agents.push(agent);
    const { mesh, context, undone } = agent;
    const { handlers } = mesh;
    const state = async () => (await handlers['mesh.status']({}, context)).state;
    await handlers['mesh.join']({ publicPeers: false, discovery: false, listen: false }, context);
    undone.length = 0;
    const mend = broken(agent, 'config');
    await expect(async () => await handlers['mesh.leave']({}, context)).rejects.toThrow('not now');
    expect(await state()).toBe('off');
    // Nothing else brings it back by accident.
    await handlers['mesh.addPeer']({ endpoint: 'tcp://127.0.0.1:1' }, context);
    expect([await state(), undone.map(({ method }) => method)]).toEqual(['off', ['mesh.removePeer']]);
    mend();
    await handlers['mesh.configure']({ listen: false }, context);
    expect(await state()).toBe('off');
    await handlers['mesh.join']({}, context);
    expect(await state()).toBe('on');
    await handlers['mesh.leave']({}, context);
    expect(await state()).toBe('off');
  });

  it('is gone: the connection to a peer', async () => {
    const [agent, peer] = [await startTestMesh(), await startTestMesh()];
    agents.push(agent, peer);
    const { handlers } = agent.mesh;
    const alone = { publicPeers: false, discovery: false } as const;
    await handlers['mesh.join']({ ...alone, listen: false }, agent.context);
    const { listening } = await peer.mesh.handlers['mesh.join']({ ...alone, port: 0 }, peer.context);
    const endpoint = `tcp://127.0.0.1:${listening}`;
    await handlers['mesh.addPeer']({ endpoint }, agent.context);
    const connected = async () => (await handlers['mesh.status']({}, agent.context)).peers.connected;
    await expect.poll(connected, { timeout: 20_000 }).toBe(1);
    const mend = broken(agent, 'peers');
    await expect(async () => await handlers['mesh.removePeer']({ endpoint }, agent.context)).rejects.toThrow('not now');
    await expect.poll(connected, { timeout: 20_000 }).toBe(0);
    mend();
  });

  it('is gone: an offer and a forward, though the list still has them', async () => {
    const agent = await startTestMesh();
    agents.push(agent);
    const { handlers } = agent.mesh;
    const { context } = agent;
    await handlers['mesh.join']({ publicPeers: false, discovery: false, listen: false }, context);
    const { exposure } = await handlers['mesh.expose']({ localPort: 80, allow: ['everybody'] }, context);
    const { forward } = await handlers['mesh.forward']({ target: '400::1', port: 80 }, context);
    const states = async () => {
      const { exposures } = await handlers['mesh.exposures']({}, context);
      const { forwards } = await handlers['mesh.forwards']({}, context);
      return [...exposures, ...forwards].map(({ state, detail }) => (state === 'open' ? state : detail));
    };
    const [mendOffers, mendForwards] = [broken(agent, 'exposures'), broken(agent, 'forwards')];
    const unexpose = async () => await handlers['mesh.unexpose']({ exposure: exposure.id }, context);
    const unforward = async () => await handlers['mesh.unforward']({ forward: forward.id }, context);
    expect(await states()).toEqual(['open', 'open']);
    await expect(unexpose).rejects.toThrow('not now');
    await expect(unforward).rejects.toThrow('not now');
    const stopped = expect.stringMatching(/^It was stopped, but opens again when Hypha starts/);
    expect(await states()).toEqual([stopped, stopped]);
    await expect(connected(forward.localPort)).rejects.toThrow('ECONNREFUSED');
    // Nothing else opens them by accident.
    await handlers['mesh.leave']({}, context);
    await handlers['mesh.join']({}, context);
    expect(await states()).toEqual([stopped, stopped]);
    mendOffers();
    mendForwards();
    await unexpose();
    await unforward();
    expect(await states()).toEqual([]);
  });

  it('is gone: the way for other programs', async () => {
    const agent = await startTestMesh();
    agents.push(agent);
    const { handlers } = agent.mesh;
    const { context } = agent;
    await handlers['mesh.join']({ publicPeers: false, discovery: false, listen: false }, context);
    const { port } = await handlers['mesh.setSocks']({ on: true }, context);
    await connected(port);
    const mend = broken(agent, 'config');
    await expect(async () => await handlers['mesh.setSocks']({ on: false }, context)).rejects.toThrow('not now');
    await expect(connected(port)).rejects.toThrow('ECONNREFUSED');
    expect(await handlers['mesh.socks']({}, context)).toMatchObject({ on: false, url: null });
    mend();
    expect(await handlers['mesh.setSocks']({ on: true }, context)).toMatchObject({ on: true, port });
    await connected(port);
  });

  it('is not open either, where it is new and on no list: a forward, the proxy, the name responder, the interface for programs', async () => {
    const agent = await startTestMesh();
    agents.push(agent);
    const { handlers } = agent.mesh;
    const { context } = agent;
    await handlers['mesh.join']({ publicPeers: false, discovery: false, listen: false }, context);
    const { forward } = await handlers['mesh.forward']({ target: '400::1', port: 80 }, context);
    await handlers['mesh.unforward']({ forward: forward.id }, context);
    const { port } = await handlers['mesh.setSocks']({ on: true }, context);
    await handlers['mesh.setSocks']({ on: false }, context);
    const mend = [broken(agent, 'forwards'), broken(agent, 'config')];
    const again = { target: '400::1', port: 80, localPort: forward.localPort ?? 0 };
    await expect(async () => await handlers['mesh.forward'](again, context)).rejects.toThrow('not now');
    await expect(async () => await handlers['mesh.setSocks']({ on: true }, context)).rejects.toThrow('not now');
    await expect(async () => await handlers['mesh.setNameServer']({ on: true }, context)).rejects.toThrow('not now');
    const api = { on: true, topics: ['news'], port: 0 };
    await expect(async () => await handlers['mesh.setHttpApi'](api, context)).rejects.toThrow('not now');
    expect(await handlers['mesh.forwards']({}, context)).toEqual({ forwards: [] });
    expect(await handlers['mesh.nameServer']({}, context)).toMatchObject({ on: false, port: null });
    expect(await handlers['mesh.httpApi']({}, context)).toMatchObject({ on: false, port: null });
    await expect(connected(forward.localPort)).rejects.toThrow('ECONNREFUSED');
    await expect(connected(port)).rejects.toThrow('ECONNREFUSED');
    for (const one of mend) one();
    await handlers['mesh.forward'](again, context);
    await connected(forward.localPort);
  });

  it('is told as what it is', () => {
    for (const code of [13, 13 | (1 << 8)]) {
      expect(onlyForNow(Object.assign(new Error(), { errcode: code }), 'This node is off')).toMatchObject({
        code: 'NOT_KEPT',
        message: expect.stringMatching(/^This node is off, but /),
      });
    }
    for (const other of [new Error('another'), null, { errcode: 10 }]) expect(onlyForNow(other, '')).toBe(other);
  });
});
