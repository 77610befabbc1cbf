import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JoinedLedger, SharedLedger } from '#shared/contract/ledger/peers.ts';
import { type MeshAgent, startMeshAgent } from './testing/mesh-agents.ts';

/* A ledger of one's own, used by contacts over the mesh: three whole agents, each with a node of its own, joined over loopback. */

const alone = { publicPeers: false, discovery: false };
const until = (look: () => Promise<unknown>) => expect.poll(look, { timeout: 40_000, interval: 100 });

let ann: MeshAgent;
let ben: MeshAgent;
let cleo: MeshAgent;

async function meet(who: MeshAgent, to: MeshAgent | null): Promise<void> {
  await who.call('mesh.join', { ...alone, listen: true, port: 0 });
  if (to === null) return;
  const { listening } = await to.call<{ listening: number }>('mesh.status');
  await who.call('mesh.addPeer', { endpoint: `tcp://127.0.0.1:${listening}` });
}
async function befriend(one: MeshAgent, other: MeshAgent): Promise<void> {
  const [ones, others] = await Promise.all([one, other].map((who) => who.call<{ link: string }>('contacts.myCard')));
  await one.call('contacts.add', { card: others?.link });
  await other.call('contacts.add', { card: ones?.link });
}

beforeAll(async () => {
  ann = await startMeshAgent('Ann', 1);
  ben = await startMeshAgent('Ben', 2);
  cleo = await startMeshAgent('Cleo', 3);
  await meet(ann, null);
  await meet(ben, ann);
  await meet(cleo, ann);
  await befriend(ann, ben);
  await befriend(ann, cleo);
}, 120_000);
afterAll(() => Promise.all([ann, ben, cleo].map((who) => who?.end())));

const joined = async (who: MeshAgent) => (await who.call<{ ledgers: JoinedLedger[] }>('ledger.joined')).ledgers;

describe('a ledger across the mesh', () => {
  it('is opened, shared with one contact, and joined by that one alone', async () => {
    await expect(ann.call('ledger.share', { with: ['ben'] })).rejects.toMatchObject({ code: 'NO_LEDGER' });
    const own = await ann.task<{ chain: string; newest: { number: number; hash: string } }>('ledger.open', {
      symbol: 'ANN',
    });
    const { link } = await ann.call<SharedLedger>('ledger.share', { with: ['ben'] });
    // The way between the two is found in its own time.
    await until(() =>
      ben.task<JoinedLedger>('ledger.join', { from: link ?? '' }).then(({ chain }) => chain, String),
    ).toBe(own.chain);
    const [there] = await joined(ben);
    expect(there).toMatchObject({ name: 'Ann', rests: null, newest: { incarnation: 0 } });
    await expect(cleo.task('ledger.join', { from: link ?? '' })).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' });
    expect(await ann.call('ledger.shared')).toMatchObject({ everyone: false, contacts: [{ name: 'Ben' }] });
  }, 120_000);

  it('is there again after either side was restarted, and closed to whoever is blocked', async () => {
    await ben.restart();
    await ann.restart();
    expect(await joined(ben)).toMatchObject([{ name: 'Ann', rests: null }]);
    const { link } = await ann.call<SharedLedger>('ledger.shared');
    await until(() =>
      ben.task<JoinedLedger>('ledger.join', { from: link ?? '' }).then(({ rests }) => rests, String),
    ).toBeNull();
    const { contacts } = await ann.call<{ contacts: { id: string; petname: string }[] }>('contacts.list');
    // Whoever is blocked is cut off at once.
    await ann.call('contacts.block', { contact: contacts.find(({ petname }) => petname === 'Ben')?.id });
    await until(async () => (await ann.call<SharedLedger>('ledger.shared')).contacts[0]?.connected).toBe(false);
  }, 120_000);
});
