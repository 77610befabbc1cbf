import { encodeDeployData, encodeFunctionData, getAddress, recoverTypedDataAddress } from 'viem';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import type { Ledger } from '#core/ledger/index.ts';
import type { EvmAddress } from '#shared/model/evm.ts';
import { chainsOf, ownChain, type TestChain, unreachable } from './testing/chains.ts';
import { startWallet, type TestWallet } from './testing/wallets.ts';

let own: { chain: TestChain; ledger: Ledger };
let ann: TestWallet;
let from: EvmAddress;

beforeEach(async () => {
  own = ownChain();
  ann = await startWallet(chainsOf(own.chain));
  from = ann.wallet.accounts.main() as EvmAddress;
});
afterEach(async () => {
  await ann.stop();
  await own.ledger.close();
});

const ben = getAddress(`0x${'be'.repeat(20)}`) as EvmAddress;
const record = `0x${'11'.repeat(32)}` as const;
const accounts = () => ann.wallet.accounts;
const raws = () => own.chain.asked.filter((method) => method === 'eth_sendRawTransaction').length;

async function deploy(): Promise<EvmAddress> {
  const args = ['Credits issued by Ann', 'CREDITS', from as `0x${string}`] as const;
  const data = encodeDeployData({ abi: credits.abi, bytecode: credits.bytecode, args });
  const hash = await accounts().send({ chain: own.chain.ref, from, to: null, data, key: 'put', about: 'Put credits' });
  return (await accounts().settled(own.chain.ref, hash)).contract as EvmAddress;
}
const issue = (to: EvmAddress, amount: bigint) =>
  encodeFunctionData({ abi: credits.abi, functionName: 'issue', args: [to as `0x${string}`, amount, record] });

describe('the accounts for other parts of Hypha', () => {
  it('are there while unlocked, the same as other wallets show for the same words', async () => {
    expect(accounts().list()).toEqual([from]);
    let told = 0;
    accounts().onChange(() => told++);
    ann.lock(true);
    expect([accounts().list(), accounts().main(), told]).toEqual([[], null, 1]);
    const sending = { chain: own.chain.ref, from, to: ben, key: 'k', about: 'x' };
    await expect(accounts().send(sending)).rejects.toMatchObject({ code: 'LOCKED' });
    await expect(accounts().signTypedData(from, {} as never)).rejects.toMatchObject({ code: 'TYPED_DATA_INVALID' });
    expect(raws()).toBe(0);
  });

  it('put a contract, call it, and tell what came of it', async () => {
    const token = await deploy();
    const call = { chain: own.chain.ref, from, to: token, about: 'Issue' };
    const hash = await accounts().send({ ...call, data: issue(ben, 5n), key: 'one' });
    const receipt = await accounts().settled(own.chain.ref, hash);
    expect(receipt).toMatchObject({ hash, ok: true, block: 2n, contract: null });
    expect(receipt.logs).toHaveLength(2);
    expect(receipt.logs[0]?.address).toBe(token);
  });

  it('send nothing that a contract refuses, and say why', async () => {
    const token = await deploy();
    const data = encodeFunctionData({ abi: credits.abi, functionName: 'redeem', args: [1n, record] });
    const refused = accounts().send({ chain: own.chain.ref, from, to: token, data, key: 'no', about: 'Redeem' });
    await expect(refused).rejects.toMatchObject({ code: 'CALL_REFUSED', data: { error: 'ERC20InsufficientBalance' } });
    expect(raws()).toBe(1);
  });

  it('sign once for a key, however often and at whatever time they are asked', async () => {
    const token = await deploy();
    const sending = { chain: own.chain.ref, from, to: token, data: issue(ben, 5n), key: 'once', about: 'Issue' };
    const hashes = await Promise.all([accounts().send(sending), accounts().send(sending), accounts().send(sending)]);
    await ann.restart();
    hashes.push(await accounts().send(sending));
    expect(new Set(hashes).size).toBe(1);
    expect(own.ledger.records.newest()?.number).toBe(2);
    await expect(accounts().send({ ...sending, data: issue(ben, 6n) })).rejects.toThrow('another transaction');
  });

  it('give many at once a number each', async () => {
    const token = await deploy();
    const hashes = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        accounts().send({ chain: own.chain.ref, from, to: token, data: issue(ben, 1n), key: `n${i}`, about: 'Issue' }),
      ),
    );
    const receipts = await Promise.all(hashes.map((hash) => accounts().settled(own.chain.ref, hash)));
    expect(receipts.every(({ ok }) => ok)).toBe(true);
    expect(new Set(hashes).size).toBe(12);
  });

  it('keep what a chain did not answer to, and go on with it under the same key', async () => {
    const token = await deploy();
    const sending = { chain: own.chain.ref, from, to: token, data: issue(ben, 5n), key: 'cut', about: 'Issue' };
    own.chain.before = (method) => {
      if (method === 'eth_sendRawTransaction') throw unreachable();
    };
    await expect(accounts().send(sending)).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' });
    own.chain.before = () => undefined;
    const hash = await accounts().send(sending);
    expect((await accounts().settled(own.chain.ref, hash)).ok).toBe(true);
    expect(own.ledger.records.newest()?.number).toBe(2);
  });

  it('send what was signed before a crash when the wallet starts again, locked or not', async () => {
    const token = await deploy();
    const sending = { chain: own.chain.ref, from, to: token, data: issue(ben, 5n), key: 'left', about: 'Issue' };
    own.chain.before = (method) => {
      if (method === 'eth_sendRawTransaction') throw unreachable();
    };
    await expect(accounts().send(sending)).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' });
    own.chain.before = () => undefined;
    ann.lock(true);
    await ann.restart();
    await expect.poll(() => own.ledger.records.newest()?.number).toBe(2);
  });

  it('let what is sent next take the place of what a chain refused, so that only one of them can ever be made', async () => {
    const token = await deploy();
    const sending = { chain: own.chain.ref, from, to: token, about: 'Issue' };
    let kept = '';
    own.chain.before = (method, params) => {
      if (method !== 'eth_sendRawTransaction') return;
      kept = params[0] as string;
      throw Object.assign(unreachable(), { code: 'CHAIN_SAID', data: { code: -32_000, message: 'no room' } });
    };
    const first = accounts().send({ ...sending, data: issue(ben, 5n), key: 'refused' });
    await expect(first).rejects.toMatchObject({ code: 'CALL_REFUSED', data: { reason: 'no room' } });
    own.chain.before = () => undefined;
    const hash = await accounts().send({ ...sending, data: issue(ben, 6n), key: 'next' });
    expect((await accounts().settled(own.chain.ref, hash)).ok).toBe(true);
    await expect(own.chain.request('eth_sendRawTransaction', [kept])).rejects.toMatchObject({ code: 'CHAIN_SAID' });
  });

  it('say that another took its place', async () => {
    const token = await deploy();
    const sending = { chain: own.chain.ref, from, to: token, about: 'Issue' };
    // Another device of the same person, with the same phrase.
    const other = await startWallet(chainsOf(own.chain));
    own.chain.before = (method) => {
      if (method === 'eth_sendRawTransaction') throw unreachable();
    };
    const mine = { ...sending, data: issue(ben, 5n), key: 'mine' };
    await expect(accounts().send(mine)).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' });
    own.chain.before = () => undefined;
    await other.wallet.accounts.send({ ...sending, data: issue(ben, 7n), key: 'theirs' });
    await expect(accounts().send(mine)).rejects.toMatchObject({ code: 'CALL_REFUSED' });
    await other.stop();
  });

  it('sign typed data as another library reads it', async () => {
    const data = {
      domain: { name: 'Hypha', version: '1', chainId: own.chain.chainId, verifyingContract: ben },
      types: { Offer: [{ name: 'rate', type: 'uint256' }] },
      primaryType: 'Offer',
      message: { rate: 7n },
    };
    const signature = await accounts().signTypedData(from, data);
    expect(await recoverTypedDataAddress({ ...(data as object), signature } as never)).toBe(from);
  });
});
