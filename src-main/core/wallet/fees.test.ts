import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Anvil, anvilPath, startAnvil } from '#core/evm/testing/anvil.ts';
import type { Movement } from '#shared/contract/wallet/movements.ts';
import { anvilChain, chainsOf, type TestChain } from './testing/chains.ts';
import { startWallet, type TestWallet } from './testing/wallets.ts';

const path = anvilPath();
if (path === null) console.log('skipped: anvil is not installed for this system, so no chain with fees is asked');

const chainId = 31_337n;
const ben = `0x${'be'.repeat(20)}`;

describe.skipIf(path === null)('a chain with fees, of another make', () => {
  let anvil: Anvil;
  let chain: TestChain;
  let ann: TestWallet;

  beforeAll(async () => {
    anvil = await startAnvil(path ?? '', chainId);
    await anvil.ask('anvil_setNextBlockBaseFeePerGas', ['0x3b9aca00']);
    await anvil.ask('anvil_mine', ['0x1']);
    chain = await anvilChain(anvil, chainId, { confirmations: 2 });
    ann = await startWallet(chainsOf(chain));
    await anvil.ask('anvil_setBalance', [ann.wallet.accounts.main(), '0x1bc16d674ec80000']);
  });
  afterAll(async () => {
    await ann?.stop();
    await anvil?.stop();
  });

  const mine = async (blocks = 1) => anvil.ask('anvil_mine', [`0x${blocks.toString(16)}`]);
  const send = async (input: Record<string, unknown>) =>
    (await ann.call<{ movement: Movement }>('wallet.send', { to: ben, token: 'ETH', amount: '0.25', ...input }))
      .movement;
  const state = async (hash: string) =>
    (await ann.call<{ movements: Movement[] }>('wallet.movements')).movements.find((one) => one.hash === hash)?.state;

  it('is paid what it asks, and counts as done when enough blocks follow', async () => {
    const sent = await send({});
    expect(sent).toMatchObject({ state: 'waiting', sum: { text: '0.25 ETH' }, open: true });
    expect(Number(sent.fee?.amount)).toBeGreaterThan(0);
    await mine();
    await expect.poll(() => state(sent.hash), { timeout: 40_000 }).toBe('included');
    await mine(2);
    const receipt = await ann.wallet.accounts.settled(chain.ref, sent.hash);
    expect(receipt.ok).toBe(true);
    const { balances } = await ann.call<{ balances: { sum: { units: string } }[] }>('wallet.balances');
    const left = BigInt(balances[0]?.sum.units ?? 0);
    expect(left).toBeLessThan(1_750_000_000_000_000_000n);
    expect(left).toBeGreaterThan(1_749_000_000_000_000_000n);
  });

  it('takes a faster one in the place of one that waits, and tells who waited for the first', async () => {
    const slow = await send({ speed: 'slow', amount: '0.01' });
    const { movement: fast } = await ann.call<{ movement: Movement }>('wallet.hasten', { movement: slow.hash });
    expect(fast.hash).not.toBe(slow.hash);
    const settled = ann.wallet.accounts.settled(chain.ref, slow.hash);
    await mine(3);
    expect((await settled).hash).toBe(fast.hash);
    await expect.poll(() => state(slow.hash)).toBe('replaced');
    await expect(ann.call('wallet.hasten', { movement: slow.hash })).rejects.toMatchObject({ code: 'TX_SETTLED' });
  });

  it('makes nothing of what was taken back', async () => {
    const before = await anvil.ask('eth_getBalance', [ben, 'latest']);
    const sent = await send({ amount: '0.02' });
    await ann.call('wallet.takeBack', { movement: sent.hash });
    const settled = ann.wallet.accounts.settled(chain.ref, sent.hash);
    const told = expect(settled).rejects.toMatchObject({ code: 'TX_LOST' });
    await mine(3);
    await told;
    expect(await anvil.ask('eth_getBalance', [ben, 'latest'])).toBe(before);
  });

  it('is not paid a fortune because somebody says that it asks one, and is asked for no more than there is', async () => {
    await expect(send({ amount: '5' })).rejects.toMatchObject({ code: 'MONEY_SHORT' });
    chain.before = (method) =>
      method === 'eth_feeHistory'
        ? { baseFeePerGas: ['0x9184e72a0000'], gasUsedRatio: [1], reward: [['0x1', '0x1', '0x1']] }
        : undefined;
    await expect(send({})).rejects.toMatchObject({ code: 'FEE_HIGH' });
    chain.before = () => undefined;
    await expect(send({ feeLimit: '0.000000000000000001' })).rejects.toMatchObject({ code: 'FEE_HIGH' });
  });
});
