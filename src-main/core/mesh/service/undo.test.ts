import { afterEach, expect, it } from 'vitest';
import { startTestMesh, type TestMesh } from '../testing/test-mesh.ts';

let agent: TestMesh | null = null;
afterEach(async () => {
  await agent?.stop();
  agent = null;
});

it('undoes only what was done', async () => {
  agent = await startTestMesh();
  const { mesh, context, undone } = agent;
  const { handlers } = mesh;
  const alone = { publicPeers: false, discovery: false, listen: false } as const;
  // Not joined, and no proxy: there is nothing to leave or to switch off.
  await handlers['mesh.leave']({}, context);
  await handlers['mesh.setSocks']({ on: false }, context);
  expect(undone).toEqual([]);
  await handlers['mesh.join'](alone, context);
  await handlers['mesh.join'](alone, context);
  await handlers['mesh.setSocks']({ on: true }, context);
  await handlers['mesh.setSocks']({ on: true }, context);
  await handlers['mesh.setSocks']({ on: false }, context);
  await handlers['mesh.leave']({}, context);
  expect(undone).toEqual([
    { method: 'mesh.configure', input: { joined: false, publicPeers: true, discovery: true, listen: true } },
    { method: 'mesh.setSocks', input: { on: false } },
    { method: 'mesh.setSocks', input: { on: true } },
    { method: 'mesh.join', input: {} },
  ]);
});

it('sets back what was set on the way, and only that', async () => {
  agent = await startTestMesh();
  const { mesh, context, undone } = agent;
  const { handlers } = mesh;
  const settings = async () => (await handlers['mesh.status']({}, context)).settings;
  const undo = async () => {
    const { method, input } = undone.pop() ?? {};
    expect(['mesh.configure', 'mesh.leave', 'mesh.join']).toContain(method);
    await handlers[method as 'mesh.configure']({ ...(input as object) }, context);
    undone.pop();
  };
  const first = await settings();
  // Joining with everything another than it was; a port is chosen by the system.
  await handlers['mesh.join']({ publicPeers: false, discovery: false, listen: true, port: 0 }, context);
  expect(await settings()).toMatchObject({ joined: true, publicPeers: false, discovery: false });
  expect((await settings()).port).not.toBe(first.port);
  expect(undone).toEqual([
    { method: 'mesh.configure', input: { joined: false, publicPeers: true, discovery: true, port: first.port } },
  ]);
  await undo();
  expect(await settings()).toEqual(first);

  // A port left to the system before it was joined is left to it again.
  await handlers['mesh.configure']({ publicPeers: false, discovery: false, port: 0 }, context);
  const second = await settings();
  undone.length = 0;
  await handlers['mesh.join']({}, context);
  expect((await settings()).port).not.toBe(0);
  await undo();
  expect(await settings()).toEqual(second);

  // Whoever is in stays in, with what was chosen before.
  await handlers['mesh.join']({ port: 0 }, context);
  const third = await settings();
  undone.length = 0;
  await handlers['mesh.join']({ listen: false }, context);
  expect(undone).toEqual([{ method: 'mesh.configure', input: { listen: true } }]);
  await undo();
  expect(await settings()).toEqual(third);

  await handlers['mesh.configure']({ listen: false, strangers: true, answerPings: true }, context);
  expect(undone).toEqual([{ method: 'mesh.configure', input: { listen: true, strangers: false } }]);
  await undo();
  expect(await settings()).toEqual(third);
  await handlers['mesh.configure']({ listen: true }, context);
  expect(undone).toEqual([]);

  await handlers['mesh.leave']({}, context);
  await undo();
  expect(await settings()).toEqual(third);
});

it('joins by no other way without an identity either', async () => {
  agent = await startTestMesh({ secret: null });
  const { mesh, context } = agent;
  const joining = async () => await mesh.handlers['mesh.configure']({ joined: true }, context);
  await expect(joining).rejects.toMatchObject({ code: 'NO_IDENTITY' });
});

it('comes to rest as was said last, however quickly', async () => {
  agent = await startTestMesh();
  const { handlers } = agent.mesh;
  const { context } = agent;
  const alone = { publicPeers: false, discovery: false, listen: false } as const;
  const said = [
    handlers['mesh.join'](alone, context),
    handlers['mesh.leave']({}, context),
    handlers['mesh.join'](alone, context),
    handlers['mesh.addPeer']({ endpoint: 'tcp://127.0.0.1:1' }, context),
    handlers['mesh.leave']({}, context),
  ];
  expect((await Promise.allSettled(said)).map(({ status }) => status)).toEqual(said.map(() => 'fulfilled'));
  expect(await handlers['mesh.status']({}, context)).toMatchObject({ state: 'off', peers: { known: 1 } });
});
