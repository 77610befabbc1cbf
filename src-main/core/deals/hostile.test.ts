import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OfferView } from '#shared/contract/deals.ts';
import { statementOf } from './proposals/proposals.ts';
import type { ProposalBody } from './terms/link.ts';
import { proposalLink } from './terms/link.ts';
import { createPair, type Pair } from './testing/pair.ts';
import type { Dweller, Town } from './testing/town.ts';
import { writeLetter } from './wire/letter.ts';

/* What somebody who does not keep to the rules may write, and what it must not do. */

const patience = { timeout: 10_000 };
let pair: Pair;
let town: Town;
let ann: Dweller;
let ben: Dweller;
beforeEach(async () => {
  pair = await createPair();
  ({ town, ann, ben } = pair);
});
afterEach(() => pair?.town.stop());

/** Signed rightly by Ann, whatever it says. */
async function signed(deal: string, statement: ProposalBody['statement']): Promise<string> {
  const { chain } = town;
  const deals = chain.contracts?.deals;
  if (deals === undefined) throw new Error('no contracts');
  const data = statementOf({ chainId: chain.chainId, deals }, { deal: deal as never, statement });
  const signature = (await ann.wallet.wallet.accounts.signTypedData(ann.account, data)).toLowerCase();
  const at = { chain: chain.ref, genesis: chain.genesis, deals: deals.toLowerCase() as never };
  return proposalLink({ v: 1, ...at, deal: deal as never, statement, signature });
}
const received = async (): Promise<OfferView[]> =>
  ((await ben.call('deals.offers', { role: 'received' })) as { offers: OfferView[] }).offers;

it('a receipt with figures that cannot be is not kept, and hides no deal', async () => {
  const deal = await pair.running();
  const from = `${Math.floor(town.now() / 1_000)}`;
  const most = `${2n ** 64n - 1n}`;
  for (const figures of [
    { from, until: most, up: '0' },
    { from: '0', until: from, up: most },
  ]) {
    const link = await signed(deal, { kind: 'receipt', ...figures, traffic: '0' });
    town.post('Ann', ben, writeLetter({ what: 'proposal', link }));
    await expect(ben.call('deals.confirm', { proposal: link })).rejects.toMatchObject({ code: 'PROPOSAL_INVALID' });
  }
  await ben.restart();
  expect(await ben.call('deals.get', { deal } as never)).toMatchObject({ state: 'active', proposals: [] });
  expect(await ben.call('deals.list', {})).toMatchObject({ deals: [{ id: deal }] });
});

it('a settlement is not signed while nobody objects: the other side could keep it for later', async () => {
  const deal = await pair.running();
  await town.pass(3_600);
  const link = await signed(deal, { kind: 'settlement', toProvider: '1' });
  await expect(ben.call('deals.confirm', { proposal: link })).rejects.toMatchObject({ code: 'PROPOSAL_INVALID' });
  expect(await ben.call('deals.get', { deal } as never)).toMatchObject({ proposals: [{ state: 'open' }] });
});

it('who hands an offer on first does not make it doubtful once its maker sends it', async () => {
  await town.dweller('Cleo', 3);
  await ben.deals.stop();
  const { link } = await pair.offer();
  const true_ = ben.letters.at(-1)?.letter;
  await ben.restart();
  town.post('Cleo', ben, writeLetter({ what: 'offer', link, proof: `0x${'11'.repeat(65)}` }));
  await expect.poll(async () => (await received()).length, patience).toBe(1);
  expect((await received())[0]?.problems.join(' ')).not.toBe('');
  if (true_ === undefined) throw new Error('she wrote nothing');
  town.post('Ann', ben, true_);
  await expect.poll(async () => (await received())[0]?.problems, patience).toEqual([]);
  // And nobody makes it doubtful again.
  town.post('Cleo', ben, writeLetter({ what: 'offer', link, proof: `0x${'11'.repeat(65)}` }));
  await ben.restart();
  expect((await received()).map(({ problems }) => problems)).toEqual([[]]);
});

it('letters about a chain that is not known keep nobody else’s waiting', async () => {
  const hash = `0x${'22'.repeat(32)}` as never;
  const letter = writeLetter({
    ...{ what: 'agreed', chain: 'eip155:424242' as never, deal: hash, offer: hash, proof: `0x${'11'.repeat(65)}` },
  });
  for (const from of ['Xenia', 'Yves', 'Zoe']) for (let i = 0; i < 200; i++) town.post(from, ben, letter);
  await pair.offer();
  await expect.poll(async () => (await received()).length, patience).toBe(1);
});
