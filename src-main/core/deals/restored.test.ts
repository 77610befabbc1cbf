import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContract } from '#core/evm/contract-call.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import type { DealView } from '#shared/contract/deals.ts';
import { createPair, type Pair } from './testing/pair.ts';

/*
 * Somebody's disk is lost while something is being paid, and everything of theirs comes back as it was at some point of it. The chain went on: what
 * was paid there is not paid once more.
 */

const patience = { timeout: 20_000, interval: 20 };
let pair: Pair;
let copies: string;
beforeAll(async () => {
  pair = await createPair();
  copies = await mkdtemp(join(tmpdir(), 'hypha-copies-'));
}, 60_000);
afterAll(async () => {
  await pair?.town.stop();
  await rm(copies, { recursive: true, force: true });
});

const allowed = (): Promise<bigint> =>
  readContract(pair.town.chain, {
    ...{ abi: credits.abi, address: pair.town.credits, functionName: 'allowance' },
    args: [pair.ben.account, pair.town.chain.contracts?.deals ?? pair.ben.account],
  });
const get = (deal: string): Promise<DealView> => pair.ben.call('deals.get', { deal } as never);

/** @returns a copy of all that Ben keeps for each named point of what he asks for, by the name of the point */
async function copiedAtEveryPoint(ask: () => Promise<unknown>): Promise<[string, string][]> {
  const { ben } = pair;
  const made: [string, string][] = [];
  ben.probe = (point) => {
    const copy = join(copies, point);
    ben.copyTo(copy);
    made.push([point, copy]);
  };
  await ask();
  ben.probe = () => {};
  return made;
}
const nothingRuns = (deal: string) =>
  expect.poll(async () => (await get(deal)).acts.filter(({ state }) => state !== 'failed'), patience).toEqual([]);

describe('what is paid while a copy is made, and that copy is put back', () => {
  it('tops a deal up once', async () => {
    const { ben } = pair;
    const deal = await pair.running();
    const { balance } = await get(deal);
    const made = await copiedAtEveryPoint(() => ben.call('deals.topUp', { deal, amount: '1' } as never));
    expect(made.map(([point]) => point)).toContain('topUp step1 sent');
    const have = await ben.balance();
    for (const [point, copy] of made) {
      await ben.restore(copy);
      await nothingRuns(deal);
      expect(await ben.balance(), point).toBe(have);
      expect(await allowed(), point).toBe(0n);
      expect(BigInt((await get(deal)).balance), point).toBeLessThanOrEqual(BigInt(balance) + 1_000_000n);
    }
  }, 120_000);

  it('accepts an offer once, and knows the deal', async () => {
    const { ben } = pair;
    const { link } = await pair.offer();
    let deal = '';
    const made = await copiedAtEveryPoint(async () => {
      ({ id: deal } = (await ben.call('deals.accept', { offer: link, deposit: '1.728' })) as DealView);
    });
    expect(made.map(([point]) => point)).toContain('accept step1 sent');
    const have = await ben.balance();
    for (const [point, copy] of made) {
      await ben.restore(copy);
      await expect.poll(() => get(deal).catch(() => null), patience).toMatchObject({ id: deal, role: 'tenant' });
      await nothingRuns(deal);
      expect(await ben.balance(), point).toBe(have);
      expect(await allowed(), point).toBe(0n);
    }
  }, 120_000);
});
