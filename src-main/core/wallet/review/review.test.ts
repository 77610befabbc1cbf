import { type Abi, encodeFunctionData, type Hex, maxUint256, parseAbi } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Accounts, Sending } from '#core/evm/accounts.ts';
import type { Chain } from '#core/evm/chain.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import { deals } from '#core/evm/contracts/deals.generated.ts';
import { names } from '#core/evm/contracts/names.generated.ts';
import { testPerson } from '#core/evm/testing/person.ts';
import type { Ledger } from '#core/ledger/index.ts';
import type { Review } from '#shared/contract/wallet/review.ts';
import type { EvmAddress, Hash32, Units } from '#shared/model/evm.ts';
import type { Known } from '../guards/guards.ts';
import { chainsOf, ownChain } from '../testing/chains.ts';
import { createReview, type ReviewPart } from './index.ts';
import { createKnown } from './known.ts';

const record: Hex = `0x${'77'.repeat(32)}`;
const people: Known[] = [];
const sent: string[] = [];
let chain: Chain;
let ledger: Ledger;
let review: ReviewPart;
let ann: ReturnType<typeof testPerson>;
let ben: ReturnType<typeof testPerson>;
let token: EvmAddress;
let escrow: EvmAddress;

const raw = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`;
const data = (contract: { readonly abi: readonly unknown[] }, functionName: string, args: readonly unknown[]): Hex =>
  encodeFunctionData({ abi: contract.abi as Abi, functionName, args });
const context = { caller: {} as never, signal: new AbortController().signal, undo: () => {} };

async function put(contract: Parameters<typeof ann.deploy>[0], args: readonly unknown[]): Promise<EvmAddress> {
  const hash = await chain.request('eth_sendRawTransaction', [raw(await ann.deploy(contract, args))]);
  const receipt = (await chain.request('eth_getTransactionReceipt', [hash])) as { contractAddress: EvmAddress };
  return receipt.contractAddress;
}

const send = async (who: typeof ann, to: Hex, input: Hex) =>
  (await chain.request('eth_sendRawTransaction', [raw(await who.sign({ to, data: input }))])) as Hash32;

beforeAll(async () => {
  const own = ownChain();
  ({ ledger } = own);
  chain = own.chain;
  [ann, ben] = [testPerson(0xa11, Number(chain.chainId)), testPerson(0xbe1, Number(chain.chainId))];
  token = await put(credits, ['Credits issued by Ann', 'CREDITS', ann.account.address]);
  escrow = await put(deals, []);
  const registry = await put(names, [0n]);
  const contracts = { deals: escrow, nodes: escrow, names: registry, attestations: registry, credits: token };
  chain = { ...own.chain, contracts };
  await send(ann, token, data(credits, 'issue', [ann.account.address, 100_000_000n, record]));
  people.push({ address: ben.account.address, name: 'Ben', kind: 'contact' });
  const accounts = {
    list: () => [ann.account.address as EvmAddress],
    main: () => ann.account.address as EvmAddress,
    send: ({ to, data: input }: Sending) => send(ann, to ?? '0x', input ?? '0x'),
  } as unknown as Accounts;
  const chains = chainsOf(chain);
  const setTimer = (ms: number, fire: () => void) => {
    const timer = setTimeout(fire, ms).unref();
    return () => clearTimeout(timer);
  };
  const sentTo = (_: unknown, address: string) => sent.includes(address.toLowerCase());
  review = createReview({
    host: { now: Date.now, random: (n) => new Uint8Array(n).fill(3), setTimer },
    chains,
    accounts,
    book: createKnown({ accounts, chains, sentTo, people: () => people }),
  });
});
afterAll(async () => {
  await review.stop();
  await ledger.close();
});

const look = (to: Hex | undefined, input: Hex, value = '0'): Promise<Review> =>
  Promise.resolve(
    review.handlers['wallet.review'](
      {
        chain: chain.ref,
        from: ann.account.address as EvmAddress,
        to: to as EvmAddress | undefined,
        data: input,
        value: value as Units,
      },
      context,
    ),
  );
const codes = ({ warnings }: Review) => warnings.map(({ code }) => code).sort();
const low = (text: string) => text.toLowerCase();

describe('a review', () => {
  it('says of a transfer to somebody known what it is and what it does, and warns of nothing', async () => {
    const seen = await look(token, data(credits, 'transfer', [ben.account.address, 12_500_000n]));
    expect(seen).toMatchObject({ title: 'Send credits: 12.5 CREDITS, to Ben', readBy: 'descriptor', warnings: [] });
    expect(seen.outcome).toMatchObject({ state: 'works', rests: 'own' });
    expect(seen.outcome?.changes.map(({ who, text }) => [who.name, text])).toEqual(
      expect.arrayContaining([
        ['your own account', '-12.5 CREDITS'],
        ['Ben', '+12.5 CREDITS'],
      ]),
    );
  });

  it('says why a call would fail, in words', async () => {
    const seen = await look(token, data(credits, 'transfer', [ben.account.address, 100_000_001n]));
    expect(seen.outcome).toMatchObject({ state: 'refused', reason: 'the account has too little of the token' });
    expect(codes(seen)).toEqual(['WILL_FAIL']);
    const withdraw = await look(escrow, data(deals, 'withdraw', [token]));
    expect(withdraw).toMatchObject({ title: 'Withdraw what is yours: token the credits of Mine' });
    expect(withdraw.outcome?.reason).toBe('there is nothing to withdraw');
  });

  it('calls what it cannot read blind, whole or in part', async () => {
    const unknown = encodeFunctionData({ abi: parseAbi(['function drain(address)']), args: [ben.account.address] });
    const seen = await look(token, unknown);
    expect(seen.readBy).toBe('nothing');
    expect(codes(seen)).toContain('BLIND');
    // Bytes behind what can be read are signed unseen too.
    const more = await look(token, `${data(credits, 'transfer', [ben.account.address, 1n])}00`);
    expect(more.readBy).toBe('nothing');
    expect(seen.warnings.find(({ code }) => code === 'BLIND')?.severity).toBe('danger');
  });

  it('warns of an address made to look like a known one, of the token itself, of nobody', async () => {
    const [head, tail] = [ben.account.address.slice(0, 7), ben.account.address.slice(-5)];
    const twin = `${head}${'0'.repeat(42 - head.length - tail.length)}${tail}`.toLowerCase() as Hex;
    expect(codes(await look(token, data(credits, 'transfer', [twin, 1n])))).toEqual(['LOOKS_LIKE']);
    expect(codes(await look(token, data(credits, 'transfer', [token, 1n])))).toContain('TO_TOKEN');
    const nobody = `0x${'0'.repeat(36)}dEaD`;
    expect(codes(await look(token, data(credits, 'transfer', [nobody, 1n])))).toEqual(['TO_NOBODY']);
    const stranger: Hex = `0x${'c4'.repeat(20)}`;
    expect(codes(await look(token, data(credits, 'transfer', [stranger, 0n])))).toEqual(['FIRST_TIME', 'ZERO_VALUE']);
    sent.push(stranger);
    expect(codes(await look(token, data(credits, 'transfer', [stranger, 1n])))).toEqual([]);
  });

  it('warns of a right without limit, and of one for an account that is no contract', async () => {
    const all = await look(token, data(credits, 'approve', [ben.account.address, maxUint256]));
    expect(codes(all)).toEqual(['SPENDER_NO_CONTRACT', 'UNLIMITED']);
    expect(all.title).toBe(
      'Let somebody take credits from you: who may take Ben, Everything you have and will have (CREDITS)',
    );
    expect(all.outcome?.permissions).toMatchObject([
      { unlimited: true, text: 'Ben may take all CREDITS, now and later' },
    ]);
    const some = await look(token, data(credits, 'approve', [escrow, 5_000_000n]));
    expect(codes(some)).toEqual([]);
    expect(some.outcome?.permissions[0]?.text).toBe('the deals of Hypha on Mine may take up to 5 CREDITS');
  });

  it('refuses an address whose checksum is wrong', async () => {
    const wrong = ben.account.address
      .replace(/[a-f]/, (letter) => letter.toUpperCase())
      .replace(/[A-F](?=[^A-F]*$)/, (l) => l.toLowerCase());
    await expect(look(wrong as Hex, '0x', '1')).rejects.toMatchObject({ code: 'ADDRESS_WRONG' });
  });

  it('tells that a node says something else than what was found here', async () => {
    const { request } = chain;
    const refusing: Chain = {
      ...chain,
      request: (method, params, options) =>
        method === 'eth_call' && JSON.stringify(params).includes(`"from":"${low(ann.account.address)}"`)
          ? request('eth_call', [{ to: token, data: data(credits, 'redeem', [1n, `0x${'00'.repeat(32)}`]) }, 'latest'])
          : request(method, params, options),
    };
    const call = {
      from: low(ann.account.address) as Hex,
      to: low(token) as Hex,
      data: data(credits, 'transfer', [ben.account.address, 1n]),
      value: 0n,
    };
    expect(codes(await review.reviewer.call(refusing, call))).toEqual(['SIMULATION_DIFFERS']);
  });
});

describe('typed data', () => {
  const permit = {
    types: {
      EIP712Domain: [
        { name: 'name', type: 'string' },
        { name: 'version', type: 'string' },
        { name: 'chainId', type: 'uint256' },
        { name: 'verifyingContract', type: 'address' },
      ],
      Permit: ['address owner', 'address spender', 'uint256 value', 'uint256 nonce', 'uint256 deadline'].map((text) => {
        const [type = '', name = ''] = text.split(' ');
        return { name, type };
      }),
    },
    primaryType: 'Permit',
  };
  const read = (typed: unknown) =>
    Promise.resolve(
      review.handlers['wallet.reviewTyped'](
        { chain: chain.ref, from: ann.account.address as EvmAddress, typed: JSON.stringify(typed) },
        context,
      ),
    );
  const domain = () => ({
    name: 'Credits issued by Ann',
    version: '1',
    chainId: Number(chain.chainId),
    verifyingContract: token,
  });
  const message = (value: string, deadline: number) => ({
    owner: ann.account.address,
    spender: ben.account.address,
    value,
    nonce: 0,
    deadline,
  });
  const soon = Math.floor(Date.now() / 1_000) + 600;

  it('that permits to take tokens is said to do that, with what is dangerous about it', async () => {
    const some = await read({ ...permit, domain: domain(), message: message('1500000', soon) });
    expect(some.title).toBe('Let somebody take tokens from you: from your own account, who may take Ben');
    expect(some.fields.find(({ label }) => label === 'At most')?.text).toBe('1.5 CREDITS');
    expect(codes(some)).toEqual(['PERMIT', 'SPENDER_NO_CONTRACT']);
    const all = await read({ ...permit, domain: domain(), message: message(String(maxUint256), 2 ** 40) });
    expect(codes(all)).toEqual(['NO_EXPIRY', 'PERMIT', 'SPENDER_NO_CONTRACT', 'UNLIMITED']);
  });

  it('for another chain, or for any, is told', async () => {
    const other = await read({ ...permit, domain: { ...domain(), chainId: 1 }, message: message('1', soon) });
    expect(codes(other)).toContain('OTHER_CHAIN');
    const { chainId: _, ...any } = domain();
    const types = { ...permit.types, EIP712Domain: permit.types.EIP712Domain.filter(({ name }) => name !== 'chainId') };
    expect(codes(await read({ ...permit, types, domain: any, message: message('1', soon) }))).toContain('ANY_CHAIN');
  });

  it('with the names of ours and another contract is not taken for ours', async () => {
    const types = {
      EIP712Domain: permit.types.EIP712Domain,
      Settlement: [
        { name: 'deal', type: 'bytes32' },
        { name: 'toProvider', type: 'uint128' },
      ],
    };
    const typed = { types, primaryType: 'Settlement', message: { deal: record, toProvider: '5' } };
    const ours = { name: 'Hypha Deals', version: '1', chainId: Number(chain.chainId), verifyingContract: escrow };
    expect(await read({ ...typed, domain: ours })).toMatchObject({ readBy: 'descriptor', warnings: [] });
    const false_ = await read({ ...typed, domain: { ...ours, verifyingContract: ben.account.address } });
    expect(false_.readBy).toBe('nothing');
    expect(codes(false_)).toContain('BLIND');
  });

  it('that is none is refused', async () => {
    for (const text of ['{}', '[', 'null', '{"types":{},"primaryType":"X","domain":{},"message":{}}']) {
      const asked = async () =>
        review.handlers['wallet.reviewTyped']({ chain: chain.ref, from: token, typed: text }, context);
      await expect(asked()).rejects.toMatchObject({ code: 'TYPED_DATA_INVALID' });
    }
  });
});

describe('rights that were given', () => {
  it('are found as they are now, and gone when they are taken back', async () => {
    await send(ann, token, data(credits, 'approve', [escrow, 7_000_000n]));
    await send(ann, token, data(credits, 'approve', [ben.account.address, maxUint256]));
    await send(ann, token, data(credits, 'approve', [ben.account.address, 3_000_000n]));
    const list = async () => (await review.handlers['wallet.approvals']({ chain: chain.ref }, context)).approvals;
    expect((await list()).map(({ text, balance }) => [text, balance])).toEqual([
      ['Ben may take up to 3 CREDITS', '100000000'],
      ['the deals of Hypha on Mine may take up to 7 CREDITS', '100000000'],
    ]);
    await review.handlers['wallet.revoke'](
      { chain: chain.ref, kind: 'amount', token, spender: ben.account.address as EvmAddress },
      context,
    );
    expect((await list()).map(({ text }) => text)).toEqual(['the deals of Hypha on Mine may take up to 7 CREDITS']);
  });
});
