import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type MeshAgent, startMeshAgent } from './testing/mesh-agents.ts';
import { noise } from './vault/testing/harness.ts';

/* The computer burns; what is left of the vault lies in rooms at contacts' Hyphas. Three whole agents, and a fourth on an empty computer. */

let ann: MeshAgent;
let ben: MeshAgent;
let cleo: MeshAgent;
let scratch = '';
const patience = { timeout: 45_000, interval: 100 };
const alone = { publicPeers: false, discovery: false };
const letter = noise(3_000_000, 3);

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'hypha-recover-friend-'));
  [ann, ben, cleo] = await Promise.all([startMeshAgent('Ann', 1), startMeshAgent('Ben', 2), startMeshAgent('Cleo', 3)]);
}, 60_000);
afterAll(async () => {
  await Promise.all([ann.end(), ben.end(), cleo.end()]);
  await rm(scratch, { recursive: true, force: true });
});

const cardOf = async (who: MeshAgent): Promise<string> => (await who.call<{ link: string }>('contacts.myCard')).link;
async function meet(one: MeshAgent, other: MeshAgent): Promise<void> {
  const [mine, theirs] = [await cardOf(one), await cardOf(other)];
  await one.call('contacts.add', { card: theirs });
  await other.call('contacts.add', { card: mine });
}

it('the kit brings the vault back from rooms at contacts, once they know the new computer', async () => {
  await ben.call('mesh.join', { ...alone, listen: true, port: 0 });
  const { listening } = await ben.call<{ listening: number }>('mesh.status');
  const endpoint = `tcp://127.0.0.1:${listening}`;
  for (const who of [ann, cleo]) {
    await who.call('mesh.join', { ...alone, listen: false });
    await who.call('mesh.addPeer', { endpoint });
  }
  await meet(ann, ben);
  await meet(ann, cleo);
  for (const who of [ben, cleo]) await who.call('vault.giveRoom', { contact: 'ann', gib: 1 });
  for (const contact of ['ben', 'cleo']) {
    await expect
      .poll(
        async () => (await ann.call<{ room: { state: string } }>('vault.askRoom', { contact, gib: 0.5 })).room.state,
        patience,
      )
      .toBe('agreed');
  }
  await mkdir(join(ann.home, 'places'));
  await ann.call('vault.setup', {
    paths: [join(ann.home, 'places', 'own')],
    places: [
      { kind: 'friend', contact: 'ben' },
      { kind: 'friend', contact: 'cleo' },
    ],
    credentials: [{}, {}],
    profile: { k: 2, m: 1 },
  });
  await writeFile(join(scratch, 'letter'), letter);
  await ann.task('vault.put', { paths: [join(scratch, 'letter')] });
  const { text: kit } = await ann.call<{ text: string }>('vault.kit');
  const { words } = await ann.call<{ words: string[] }>('identity.revealPhrase', {
    passphrase: 'correct horse battery',
  });
  await ann.end();

  // An empty computer, and the words.
  ann = await startMeshAgent('Ann', 7, words);
  await ann.call('mesh.join', { ...alone, listen: false });
  await ann.call('mesh.addPeer', { endpoint });
  // What it says before anybody was told of the new computer.
  await expect(ann.task('vault.recover', { kit })).rejects.toMatchObject({ code: 'NOT_ENOUGH_PLACES' });
  expect((await ann.call<{ state: string }>('vault.status')).state).toBe('none');
  await meet(ann, ben);
  await meet(ann, cleo);
  await expect
    .poll(
      () =>
        ann.task('vault.recover', { kit }).then(
          () => 'done',
          ({ code }: { code: string }) => code,
        ),
      { timeout: 60_000, interval: 500 },
    )
    .toBe('done');
  expect((await ann.read('vault.read', { item: '/letter' })).equals(letter)).toBe(true);
  const { places } = await ann.call<{ places: { health: string; owner: string }[] }>('vault.places');
  expect(places.map(({ health }) => health).sort()).toEqual(['missing', 'ok', 'ok']);
}, 180_000);
