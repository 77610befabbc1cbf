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
    { method: 'mesh.leave', input: {} },
    { method: 'mesh.setSocks', input: { on: false } },
    { method: 'mesh.setSocks', input: { on: true } },
    { method: 'mesh.join', input: {} },
  ]);
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
