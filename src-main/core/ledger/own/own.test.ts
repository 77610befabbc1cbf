import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import { testPerson } from '#core/evm/testing/person.ts';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import type { EvmAddress } from '#shared/model/evm.ts';
import { openKnown } from '../known.ts';
import { createOwn, type Own } from './own.ts';
import { ownPath } from './run.ts';

let home: string;
const ends: (() => Promise<void>)[] = [];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hypha-own-'));
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await rm(home, { recursive: true, force: true });
});

const operator = testPerson(0xa11, 1).account.address as EvmAddress;
const signer = {
  self: () => ({
    person: 'hy1',
    sign: (bytes: Uint8Array) => Uint8Array.from({ length: 3_373 }, (_, i) => bytes[i % bytes.length] ?? 0),
    verify(bytes: Uint8Array, signature: Uint8Array) {
      return Buffer.from(this.sign(bytes)).equals(signature);
    },
  }),
};

/** An own ledger over the real thread; timers fire at once, so that a thread that died starts again. */
async function begin(): Promise<Own & { readonly workers: Worker[]; end(): Promise<void> }> {
  const known = openKnown(home, silentLog);
  const workers: Worker[] = [];
  const host = {
    ...createFakeHost(),
    setTimer(ms: number, fire: () => void) {
      if (ms > 1_000) return () => {};
      const soon = setImmediate(fire);
      return () => clearImmediate(soon);
    },
  };
  const own = createOwn({
    ...{ host, log: silentLog, emit: () => {}, home, known, signer },
    made: (worker) => void workers.push(worker),
  });
  let ended = false;
  const end = async () => {
    if (ended) return;
    ended = true;
    await own.stop();
    known.close();
  };
  ends.push(end);
  if (own.register.get() === null) {
    own.register.set({ name: 'Credits', symbol: 'ANN', operator, openedAt: 0, chain: null, contracts: null });
    await own.run.start(Buffer.from(operator.slice(2), 'hex'));
    own.renew();
  } else await own.start();
  return { ...own, workers, end };
}

const chainOf = (own: Own) => {
  const [chain] = own.source.list();
  if (chain === undefined) throw new Error('there is no chain');
  return chain;
};
const put = async (own: Own, nonce: number): Promise<unknown> => {
  const ann = testPerson(0xa11, Number(chainOf(own).chainId));
  const data = await ann.deploy(credits, ['Credits', 'ANN', operator]);
  const raw = nonce === 0 ? data : await ann.sign({ to: operator, nonce });
  return chainOf(own).request('eth_sendRawTransaction', [`0x${Buffer.from(raw).toString('hex')}`]);
};

describe('the own ledger', () => {
  it('answers as a chain, says what a transaction is refused for, and is the same chain after a restart', async () => {
    const own = await begin();
    const hash = await put(own, 0);
    expect(await chainOf(own).request('eth_getTransactionReceipt', [hash])).toMatchObject({ status: '0x1' });
    await expect(put(own, 7)).rejects.toMatchObject({ code: 'CHAIN_SAID', data: { code: -32_003 } });
    await expect(chainOf(own).request('no_such')).rejects.toMatchObject({ code: 'CHAIN_SAID' });
    const { ref, genesis } = chainOf(own);
    await own.end();
    const again = await begin();
    expect(chainOf(again)).toMatchObject({ ref, genesis });
    expect(await chainOf(again).request('eth_blockNumber')).toBe('0x1');
    expect(again.run.now()?.incarnation).toBe(0);
  });

  it('goes on by itself when its thread dies: what was confirmed is there, and who waited is told', async () => {
    const own = await begin();
    await put(own, 0);
    const waiting = put(own, 1).catch((error: unknown) => error);
    await own.workers[0]?.terminate();
    const answer = await waiting;
    const taken = typeof answer === 'string';
    if (!taken) expect(answer).toMatchObject({ code: 'CHAIN_UNREACHABLE' });
    const number = await chainOf(own).request('eth_blockNumber');
    // Where nobody was told that it is there, it may be all the same.
    expect(taken ? ['0x2'] : ['0x1', '0x2']).toContain(number);
    expect(own.workers).toHaveLength(2);
    expect(own.run.now()?.incarnation).toBe(0);
  });

  it('signs the newest block once, and notices an old copy of itself: another incarnation, said to the person', async () => {
    const own = await begin();
    await put(own, 0);
    await own.end();
    const old = join(home, 'old.db');
    await copyFile(ownPath(home), old);
    const later = await begin();
    await put(later, 1);
    const head = await later.served.head();
    expect(head.head).toMatchObject({ number: 2, incarnation: 0 });
    expect(await later.served.head()).toBe(head);
    expect(await later.served.shown(head)).toBe(true);
    await later.end();
    await copyFile(old, ownPath(home));
    const back = await begin();
    expect(back.run.now()).toMatchObject({ incarnation: 1, newest: { number: 1 } });
    expect(back.notices()).toMatchObject([{ code: 'LEDGER_PUT_BACK' }]);
    expect((await back.served.head()).head).toMatchObject({ number: 1, incarnation: 1 });
    // It is counted once, not at each start.
    await back.end();
    const once = await begin();
    expect(once.run.now()?.incarnation).toBe(1);
    expect(once.notices()).toEqual([]);
  });

  it('takes up another incarnation when somebody shows a head that it does not know any more, and for nothing less', async () => {
    const own = await begin();
    await put(own, 0);
    const { head, signature } = await own.served.head();
    const more = { ...head, number: 9 };
    expect(await own.served.shown({ head: more, signature })).toBe(true);
    expect(own.run.now()?.incarnation).toBe(0);
    const self = signer.self();
    const { statementOf } = await import('../heads/head.ts');
    expect(await own.served.shown({ head: more, signature: self.sign(statementOf(more)) })).toBe(false);
    expect(own.run.now()?.incarnation).toBe(1);
    expect((await own.served.head()).head.incarnation).toBe(1);
    expect(own.notices()).toMatchObject([{ code: 'LEDGER_PUT_BACK' }]);
  });

  it('makes no new ledger where the file of the old one is gone, and says what to do', async () => {
    const own = await begin();
    await own.end();
    await rm(ownPath(home));
    const again = await begin();
    expect(again.run.broken()).toMatchObject({ code: 'LEDGER_BROKEN' });
    await expect(chainOf(again).request('eth_blockNumber')).rejects.toMatchObject({ code: 'LEDGER_BROKEN' });
  });
});
