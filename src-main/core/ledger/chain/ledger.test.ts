import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createAddressFromString } from '@ethereumjs/util';
import { decodeFunctionResult, encodeFunctionData, type Hex } from 'viem';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import { testPerson } from '#core/evm/testing/person.ts';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { verifyLedger } from './verify.ts';

let top: string;
let ledger: Ledger;
const operator = new Uint8Array(20).fill(7);
const open = () => openLedger({ path: join(top, 'ledger.db'), host: createFakeHost(), log: silentLog, operator });
const why = `0x${'77'.repeat(32)}` as Hex;

beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'hypha-ledger-'));
  ledger = open();
});
afterEach(async () => {
  await ledger.close();
  await rm(top, { recursive: true, force: true });
});

/** Ann with a contract of credits of her own. */
async function issuer() {
  const ann = testPerson(0xa11, Number(ledger.chainId));
  const made = await ledger.submit(
    await ann.deploy(credits, ['Credits issued by Ann', 'CREDITS', ann.account.address]),
  );
  const at = ledger.records.tx(made)?.created;
  if (!at) throw new Error('no contract');
  const to = `0x${Buffer.from(at).toString('hex')}` as Hex;
  const issue = async (amount: bigint, who: Hex) =>
    ledger.submit(
      await ann.sign({
        to,
        data: encodeFunctionData({ abi: credits.abi, functionName: 'issue', args: [who, amount, why] }),
      }),
    );
  const balance = async (who: Hex, block?: number): Promise<bigint> => {
    const vm = await ledger.machine(block);
    const data = encodeFunctionData({ abi: credits.abi, functionName: 'balanceOf', args: [who] });
    const { execResult } = await vm.evm.runCall({
      to: createAddressFromString(to),
      data: Buffer.from(data.slice(2), 'hex'),
    });
    const answer = `0x${Buffer.from(execResult.returnValue).toString('hex')}` as Hex;
    return decodeFunctionResult({ abi: credits.abi, functionName: 'balanceOf', data: answer });
  };
  return { ann, issue, balance, to };
}

describe('an own ledger', () => {
  const ben = `0x${'be'.repeat(20)}` as Hex;

  it('runs contracts, keeps every state, and is the same after it was opened again', async () => {
    const { issue, balance } = await issuer();
    await issue(5n, ben);
    await issue(7n, ben);
    expect(await balance(ben)).toBe(12n);
    expect(await balance(ben, 2)).toBe(5n);
    const before = ledger.block().hash();
    await ledger.close();
    ledger = open();
    expect(ledger.block().hash()).toEqual(before);
    expect(await balance(ben)).toBe(12n);
    expect(await verifyLedger(ledger, silentLog)).toEqual({ blocks: 4, transactions: 3, wrong: null });
  });

  it('puts what comes at once into one block, in order, and says who cannot be in it', async () => {
    const { issue, balance, ann } = await issuer();
    const all = await Promise.allSettled([
      issue(1n, ben),
      issue(2n, ben),
      ledger.submit(await ann.sign({ to: ben, nonce: 900 })),
      issue(4n, ben),
    ]);
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(all[2]).toMatchObject({ reason: { code: 'TX_INVALID', message: expect.stringContaining('nonce') } });
    expect(await balance(ben)).toBe(7n);
    expect(Number(ledger.block().header.number)).toBeLessThan(5);
  });

  it('keeps what failed, with its reason, and changes nothing by it', async () => {
    const { to, balance } = await issuer();
    const eve = testPerson(0xe4e, Number(ledger.chainId));
    const data = encodeFunctionData({ abi: credits.abi, functionName: 'issue', args: [ben, 5n, why] });
    const hash = await ledger.submit(await eve.sign({ to, data }));
    const row = ledger.records.tx(hash);
    // NotIssuer()
    expect(row).toMatchObject({ status: 0 });
    expect(Buffer.from(row?.reason ?? []).toString('hex')).toHaveLength(8);
    expect(await balance(ben)).toBe(0n);
  });

  it('takes nothing that is for another chain, unsigned, known already or no transaction', async () => {
    const ann = testPerson(0xa11, Number(ledger.chainId));
    const good = await ann.sign({ to: ben });
    await ledger.submit(good);
    const refused = { code: 'TX_INVALID' };
    await expect(ledger.submit(good)).rejects.toMatchObject(refused);
    await expect(ledger.submit(await ann.sign({ to: ben, chainId: 1 }))).rejects.toMatchObject(refused);
    await expect(ledger.submit(good.subarray(0, 40))).rejects.toMatchObject(refused);
    await expect(ledger.submit(new Uint8Array(0))).rejects.toMatchObject(refused);
    await expect(ledger.submit(new Uint8Array(200_000))).rejects.toMatchObject(refused);
    for (let i = 0; i < good.length; i += 5) {
      const bent = Uint8Array.from(good);
      bent[i] = (bent[i] ?? 0) ^ 0x55;
      // Bent elsewhere than in what is signed it is somebody else's, whose nonce it does not have; never a crash.
      await ledger.submit(bent).catch((error: unknown) => expect(error).toMatchObject(refused));
    }
  });

  it('finds logs by contract and topic', async () => {
    const { issue, to } = await issuer();
    await issue(5n, ben);
    const address = Buffer.from(to.slice(2), 'hex');
    const all = ledger.records.logs({ from: 0, to: 9, addresses: [address], topics: [] }, 100);
    expect(all.map(({ block }) => block)).toEqual([2, 2]);
    const topics = [[all[1]?.topic0 ?? new Uint8Array(32)]];
    expect(ledger.records.logs({ from: 0, to: 9, addresses: [], topics }, 100)).toEqual([all[1]]);
    expect(ledger.records.logs({ from: 3, to: 9, addresses: [], topics }, 100)).toEqual([]);
  });

  it('tells when somebody changed what is on the disk', async () => {
    const { issue } = await issuer();
    await issue(5n, ben);
    await issue(6n, ben);
    await ledger.close();
    const db = new DatabaseSync(join(top, 'ledger.db'));
    const rows = db.prepare('SELECT hash, raw FROM tx WHERE block = 2').all() as {
      hash: Uint8Array;
      raw: Uint8Array;
    }[];
    const other = db.prepare('SELECT raw FROM tx WHERE block = 3').get() as { raw: Uint8Array };
    db.prepare('UPDATE tx SET raw = ? WHERE hash = ?').run(other.raw, rows[0]?.hash ?? null);
    db.close();
    ledger = open();
    expect(await verifyLedger(ledger, silentLog)).toMatchObject({ blocks: 2, wrong: { block: 2 } });
  });

  it('goes on after a block that came to nothing', async () => {
    const { issue, balance } = await issuer();
    await ledger.close();
    const db = new DatabaseSync(join(top, 'ledger.db'));
    db.exec(`CREATE TRIGGER full BEFORE INSERT ON block BEGIN SELECT raise(ABORT, 'no room'); END`);
    db.close();
    ledger = open();
    await expect(issue(5n, ben)).rejects.toThrow('no room');
    const again = new DatabaseSync(join(top, 'ledger.db'));
    again.exec('DROP TRIGGER full');
    again.close();
    expect(await balance(ben)).toBe(0n);
    // Its nonce was not used up.
    const { ann, to } = { ann: testPerson(0xa11, Number(ledger.chainId)), to: ledger.records.txsOf(1)[0]?.created };
    const data = encodeFunctionData({ abi: credits.abi, functionName: 'issue', args: [ben, 9n, why] });
    await ledger.submit(await ann.sign({ to: `0x${Buffer.from(to ?? []).toString('hex')}`, data, nonce: 1 }));
    expect(await balance(ben)).toBe(9n);
    expect(await verifyLedger(ledger, silentLog)).toMatchObject({ wrong: null });
  });
});
