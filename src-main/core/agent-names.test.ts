import { afterEach, beforeEach, expect, it } from 'vitest';
import type { NameEntry, Registration } from '#shared/contract/names.ts';
import { type MeshAgent, startMeshAgent } from './testing/mesh-agents.ts';

let ann: MeshAgent;
beforeEach(async () => {
  ann = await startMeshAgent('Ann', 1);
});
afterEach(() => ann.end());

interface List {
  readonly names: readonly NameEntry[];
  readonly registrations: readonly Registration[];
}

// The ledger's own minute between the two steps passes for real: its thread has the computer's clock.
it('a name on one’s own ledger is taken across a restart, and points to what the person signed', async () => {
  await expect(ann.call('names.look', { name: 'anna' })).rejects.toMatchObject({ code: 'NO_LEDGER' });
  await ann.task('ledger.open', { symbol: 'annc' });
  const begun = await ann.call<Registration>('names.register', { name: 'Anna' });
  expect(begun).toMatchObject({ label: 'anna', state: 'committing' });
  const list = () => ann.call<List>('names.list');
  await expect.poll(async () => (await list()).registrations[0]?.state).toBe('waiting');
  await ann.restart();
  await expect
    .poll(async () => (await list()).registrations[0], { timeout: 150_000, interval: 1_000 })
    .toMatchObject({ id: begun.id, state: 'done', trouble: null });
  expect((await list()).names).toMatchObject([{ label: 'anna', state: 'held', mine: true, recordState: 'none' }]);

  // This one did not join the mesh.
  await expect(ann.call('names.publish', { name: 'anna' })).rejects.toMatchObject({ code: 'MESH_OFF' });
  await ann.call('names.publish', {
    name: 'anna',
    mesh: false,
    services: [{ name: 'web', url: 'http://anna.example' }],
  });
  const { found } = await ann.call<{ found: readonly NameEntry[] }>('names.look', { name: 'anna' });
  expect(found).toMatchObject([
    {
      recordState: 'current',
      record: {
        person: { is: 'me' },
        mesh: [],
        wallet: expect.stringMatching(/^0x/),
        services: [{ name: 'web' }],
      },
    },
  ]);
  expect(await ann.call('names.release', { name: 'anna' })).toMatchObject({ state: 'free', mine: false });
});
