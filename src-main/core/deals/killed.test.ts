import { afterAll, beforeAll, expect, it } from 'vitest';
import { readContract } from '#core/evm/contract-call.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import type { DealView, OfferView } from '#shared/contract/deals.ts';
import { createTown, type Dweller, type Town } from './testing/town.ts';

/*
 * Every act is ended at each of its named points, as by a kill, and gone on with by another process over the same disk: it happens once, all of
 * it, and no allowance is left.
 */

const credit = 1_000_000n;
const patience = { timeout: 20_000, interval: 20 };
let town: Town;
let ann: Dweller;
let ben: Dweller;
const points = new Map<string, string[]>();

beforeAll(async () => {
  town = await createTown(null);
  ann = await town.dweller('Ann', 1);
  ben = await town.dweller('Ben', 2);
  await town.issue(ben.account, 1_000n * credit);
}, 60_000);
afterAll(() => town?.stop());

const get = (who: Dweller, deal: string): Promise<DealView> => who.call('deals.get', { deal } as never);
const sent = async (who: Dweller): Promise<number> =>
  Number(await town.chain.request('eth_getTransactionCount', [who.account, 'latest']));
const allowed = (): Promise<bigint> =>
  readContract(town.chain, {
    ...{ abi: credits.abi, address: town.credits, functionName: 'allowance' },
    args: [ben.account, town.chain.contracts?.deals ?? ben.account],
  });

/**
 * Ask for something whose process ends at its `at`-th point.
 *
 * @returns where that was; null when it was through before
 */
async function endedAt(who: Dweller, at: number, ask: () => Promise<unknown>): Promise<string | null> {
  let passed = 0;
  let where: string | null = null;
  let hit = (): void => {};
  const ended = new Promise<void>((resolve) => {
    hit = resolve;
  });
  who.probe = (point) => {
    if (where === null && passed++ < at) return;
    where ??= point;
    hit();
    // From here on nothing of this process happens any more.
    throw new Error('killed');
  };
  const asked = ask().catch(() => {});
  await Promise.race([asked, ended]);
  who.probe = where === null ? () => {} : who.probe;
  if (where !== null) await who.restart(true);
  who.probe = () => {};
  await asked;
  return where;
}

/** Do it once for each point that it has. @param ready makes what it is done to @param done waits until it is so */
async function atEveryPoint<T>(
  kind: string,
  who: () => Dweller,
  ready: () => Promise<T>,
  ask: (on: T) => Promise<unknown>,
  done: (on: T) => Promise<void>,
  transactions: number,
): Promise<void> {
  const seen: string[] = [];
  for (let at = 0; at < 30; at++) {
    const on = await ready();
    const before = await sent(who());
    const where = await endedAt(who(), at, () => ask(on));
    await done(on);
    expect(await sent(who()), `${kind}, ended at ${where}`).toBe(before + transactions);
    expect(await allowed(), `${kind}, ended at ${where}`).toBe(0n);
    if (where === null) break;
    seen.push(where);
  }
  points.set(kind, seen);
  // Written, before, sent and settled of each transaction, and finished.
  expect(seen.length).toBeGreaterThanOrEqual(2 + 3 * transactions);
}

let made = 0;
async function offered(): Promise<string> {
  const what = `Machine ${made++}`;
  const terms = { price: '25.92', per: 'month', grace: 86_400, window: 0, notice: 0 } as const;
  const { link } = (await ann.call('deals.offer', { chain: town.chain.ref, to: 'Ben', what, ...terms })) as OfferView;
  expect(link).toMatch(/^hypha:/);
  return link ?? '';
}
const mine = async (): Promise<DealView[]> => ((await ben.call('deals.list', {})) as { deals: DealView[] }).deals;
async function agreed(): Promise<string> {
  return ((await ben.call('deals.accept', { offer: await offered(), deposit: '1.728' })) as DealView).id;
}
async function running(): Promise<string> {
  const deal = await agreed();
  await expect.poll(() => ann.call('deals.start', { deal } as never).catch(() => null), patience).not.toBeNull();
  return deal;
}

it('accepts an offer once', async () => {
  let known = new Set<string>();
  let had = 0n;
  await atEveryPoint(
    'accept',
    () => ben,
    async () => {
      known = new Set((await mine()).map(({ id }) => id));
      had = await ben.balance();
      return offered();
    },
    (offer) => ben.call('deals.accept', { offer, deposit: '1.728' }),
    async () => {
      await expect
        .poll(
          async () => (await mine()).filter(({ id, state }) => !known.has(id) && state === 'agreed').length,
          patience,
        )
        .toBe(1);
      await expect.poll(() => ben.balance(), patience).toBe(had - 1_728_000n);
    },
    2,
  );
}, 240_000);

it('starts one once, tops it up once, ends it once', async () => {
  await atEveryPoint(
    'start',
    () => ann,
    agreed,
    (deal) => ann.call('deals.start', { deal } as never),
    async (deal) => void (await expect.poll(async () => (await get(ann, deal)).state, patience).toBe('active')),
    1,
  );
  await atEveryPoint(
    'topUp',
    () => ben,
    running,
    (deal) => ben.call('deals.topUp', { deal, amount: '0.5' } as never),
    async (deal) => {
      const paidIn = async () => {
        const { balance, cost } = await get(ben, deal);
        return BigInt(balance) + BigInt(cost);
      };
      await expect.poll(paidIn, patience).toBe(2_228_000n);
    },
    2,
  );
  await atEveryPoint(
    'end',
    () => ben,
    running,
    (deal) => ben.call('deals.end', { deal } as never),
    async (deal) =>
      void (await expect.poll(async () => (await get(ben, deal)).state, patience).toMatch(/ended|closed/)),
    1,
  );
  console.log(`deals, ended at every point: ${[...points].map(([kind, all]) => `${kind} ${all.length}`).join(', ')}`);
}, 400_000);
