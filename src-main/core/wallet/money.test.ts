import { getAddress } from 'viem';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ledger } from '#core/ledger/index.ts';
import type { Balance } from '#shared/contract/wallet/money.ts';
import type { Movement } from '#shared/contract/wallet/movements.ts';
import type { EvmAddress } from '#shared/model/evm.ts';
import { chainsOf, ownChain, type TestChain, unreachable } from './testing/chains.ts';
import { issueCredits, putCredits, withCredits } from './testing/credits.ts';
import { startWallet, type TestWallet } from './testing/wallets.ts';

/* Ann runs a ledger and issues credits; Ben has an account there. */

let own: { chain: TestChain; ledger: Ledger };
let ann: TestWallet;
let ben: TestWallet;
let token: EvmAddress;
const stranger = getAddress(`0x${'5e'.repeat(20)}`) as EvmAddress;

beforeEach(async () => {
  own = ownChain();
  ann = await startWallet(chainsOf(own.chain), { people: { c1: 'Ben', c2: 'Cat' } });
  const theirs: TestChain = { ...own.chain, kind: 'contact', name: 'Ann’s ledger', contact: 'c9' };
  ben = await startWallet(chainsOf(theirs), { seed: 2, people: { c9: 'Ann' } });
  token = await putCredits(ann.wallet.accounts, own.chain);
  withCredits(own.chain, token);
  withCredits(theirs, token);
  await issueCredits(ann.wallet.accounts, own.chain, token, addressOf(ann), 100_000_000n);
});
afterEach(async () => {
  await ann.stop();
  await ben.stop();
  await own.ledger.close();
});

const addressOf = (who: TestWallet): EvmAddress => who.wallet.accounts.main() as EvmAddress;
const balances = async (who: TestWallet) => (await who.call<{ balances: Balance[] }>('wallet.balances')).balances;
const listed = async (who: TestWallet, input = {}) =>
  (await who.call<{ movements: Movement[] }>('wallet.movements', input)).movements;
const send = async (input: Record<string, unknown>, who = ann) =>
  (await who.call<{ movement: Movement }>('wallet.send', input)).movement;
const words = async (who: TestWallet) => (await listed(who)).map((one) => `${one.words}: ${one.state}`);

describe('money on a ledger', () => {
  it('appears by itself as what it is: a promise of whoever runs the ledger', async () => {
    const [mine] = await balances(ann);
    expect(mine).toMatchObject({
      token: { label: 'CREDITS, credits issued by you', warning: null },
      sum: { text: '100 CREDITS' },
    });
    const [theirs] = await balances(ben);
    expect(theirs).toMatchObject({
      token: { label: 'CREDITS, credits issued by Ann', kind: 'credits' },
      sum: { units: '0' },
    });
  });

  it('goes to a contact by name, and is told to both in words', async () => {
    await expect(send({ to: 'Ben', amount: '2.5', token: 'CREDITS' })).rejects.toMatchObject({ code: 'NO_ADDRESS' });
    await ann.call('wallet.setAddress', { contact: 'Ben', address: addressOf(ben) });
    const quote = await ann.call('wallet.quote', { to: 'Ben', amount: '2.5', token: 'credits' });
    expect(quote).toMatchObject({
      to: { name: 'Ben', address: addressOf(ben) },
      left: { text: '97.5 CREDITS' },
      fees: [],
    });
    const sent = await send({ to: 'Ben', amount: '2.5', token: 'CREDITS', note: 'the room' });
    expect(sent).toMatchObject({
      direction: 'out',
      sum: { units: '2500000' },
      other: { contact: 'c1' },
      note: 'the room',
      fee: null,
    });
    await ann.wallet.accounts.settled(own.chain.ref, sent.hash);
    await expect.poll(async () => (await words(ann)).length).toBe(4);
    const [newest, ...others] = await words(ann);
    expect(newest).toBe('Sent 2.5 CREDITS to Ben: done');
    // In one block: what was done, and what came of it.
    expect(others.toSorted()).toEqual([
      '100 CREDITS were issued to you: done',
      'Issue credits: done',
      'Put credits: done',
    ]);
    await expect
      .poll(async () => (await listed(ben)).map((one) => one.words))
      .toEqual([`Received 2.5 CREDITS from ${addressOf(ann).slice(0, 8)}…${addressOf(ann).slice(-6)}`]);
    expect((await balances(ben))[0]?.sum.text).toBe('2.5 CREDITS');
  });

  it('is sent once, however often it is asked for with the same word', async () => {
    const input = { to: stranger, amount: '60', token: 'CREDITS', once: 'click-0001' };
    const all = await Promise.all([send(input), send(input)]);
    all.push(await send(input));
    expect(new Set(all.map(({ hash }) => hash)).size).toBe(1);
    expect((await balances(ann))[0]?.sum.text).toBe('40 CREDITS');
  });

  it('is not sent where something is wrong, and each time it is said what', async () => {
    const usual = { to: stranger, amount: '1', token: 'CREDITS' };
    const wrong = async (input: Record<string, unknown>) =>
      send({ ...usual, ...input }).then(
        () => 'sent',
        (error) => error.code,
      );
    const raws = own.chain.asked.filter((method) => method === 'eth_sendRawTransaction').length;
    expect(await wrong({ amount: '100.000001' })).toBe('MONEY_SHORT');
    expect(await wrong({ amount: '0.0000001' })).toBe('BAD_AMOUNT');
    expect(await wrong({ amount: '0' })).toBe('BAD_AMOUNT');
    expect(await wrong({ token: 'TFT' })).toBe('TOKEN_UNKNOWN');
    expect(await wrong({ to: 'Dora' })).toBe('NOT_FOUND');
    expect(await wrong({ to: token })).toBe('BAD_RECIPIENT');
    expect(await wrong({ to: `0x${'0'.repeat(40)}` })).toBe('BAD_RECIPIENT');
    expect(await wrong({ to: `${stranger.slice(0, -1)}${stranger.endsWith('E') ? 'e' : 'E'}` })).toBe('BAD_CHECKSUM');
    expect(await wrong({ account: stranger })).toBe('NOT_FOUND');
    await ann.call('wallet.watch', { address: stranger, name: 'Shop' });
    expect(await wrong({ account: stranger })).toBe('WATCH_ONLY');
    ann.lock(true);
    expect(await wrong({})).toBe('LOCKED');
    expect(own.chain.asked.filter((method) => method === 'eth_sendRawTransaction').length).toBe(raws);
  });

  it('is not sent as a token that says something else of itself than before', async () => {
    await balances(ann);
    own.chain.before = (method, [call]) => {
      // decimals()
      if (method === 'eth_call' && (call as { data?: string }).data === '0x313ce567')
        return `0x${'12'.padStart(64, '0')}`;
    };
    await expect(send({ to: stranger, amount: '1', token: 'CREDITS' })).rejects.toMatchObject({
      code: 'TOKEN_CHANGED',
    });
  });

  it('is shown as on its way while the chain does not answer', async () => {
    await balances(ann);
    own.chain.before = (method) => {
      if (method === 'eth_sendRawTransaction') throw unreachable();
    };
    const sent = await send({ to: stranger, amount: '1', token: 'CREDITS' });
    expect(sent).toMatchObject({ state: 'sending', words: expect.stringContaining('Sending 1 CREDITS'), open: true });
    own.chain.before = () => undefined;
    await ann.restart();
    await expect.poll(async () => (await listed(ann)).find(({ id }) => id === sent.id)?.state).toBe('done');
  });

  it('tells a token that is called like another', async () => {
    const twin = await putCredits(ann.wallet.accounts, own.chain, 'CRЕDITS');
    const usdc = await putCredits(ann.wallet.accounts, own.chain, 'USDC');
    await balances(ann);
    for (const address of [twin, usdc]) await ann.call('wallet.addToken', { chain: own.chain.ref, address });
    const { tokens } = await ann.call<{ tokens: { symbol: string; warning: string | null }[] }>('wallet.tokens');
    expect(tokens.map(({ symbol, warning }) => [symbol, warning?.slice(0, 20) ?? null])).toEqual([
      ['CREDITS', 'Another token on Min'],
      ['CRЕDITS', 'Another token on Min'],
      ['USDC', 'Anybody can call a t'],
    ]);
    await expect(ann.call('wallet.addToken', { chain: own.chain.ref, address: stranger })).rejects.toMatchObject({
      code: 'NOT_A_TOKEN',
    });
  });

  it('is listed a page at a time, with nothing left out and nothing twice', async () => {
    await Promise.all(
      Array.from({ length: 7 }, (_, i) => send({ to: stranger, amount: String(i + 1), token: 'CREDITS' })),
    );
    const whole = async () => listed(ann, { limit: 100 });
    await expect.poll(async () => (await whole()).length).toBe(10);
    const ids = (await whole()).map(({ id }) => id);
    const paged: string[] = [];
    let before: string | null = null;
    do {
      const page: { movements: Movement[]; next: string | null } = await ann.call('wallet.movements', {
        limit: 3,
        ...(before === null ? {} : { before }),
      });
      paged.push(...page.movements.map(({ id }) => id));
      before = page.next;
    } while (before !== null);
    expect(paged).toEqual(ids);
    const { csv, rows } = await ann.call<{ csv: string; rows: number }>('wallet.exportMovements');
    expect([rows, csv.trim().split('\r\n').length]).toEqual([10, 11]);
  });
});

describe('an address book', () => {
  it('knows contacts by what the person noted, and forgets it again', async () => {
    await ann.call('wallet.setAddress', { contact: 'c2', address: stranger.toLowerCase() });
    expect(await ann.call('wallet.addresses')).toMatchObject({
      entries: [{ contact: 'c2', name: 'Cat', address: stranger, from: 'you' }],
    });
    expect(ann.undone.at(-1)).toEqual({ method: 'wallet.forgetAddress', input: { contact: 'c2' } });
    await ann.call('wallet.forgetAddress', { contact: 'Cat' });
    expect(ann.undone.at(-1)).toEqual({ method: 'wallet.setAddress', input: { contact: 'c2', address: stranger } });
    expect(await ann.call('wallet.addresses')).toEqual({ entries: [] });
  });
});
