import { type Abi, encodeFunctionData, type Hex } from 'viem';
import { attestations } from '#core/evm/contracts/attestations.generated.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import { deals } from '#core/evm/contracts/deals.generated.ts';
import { names } from '#core/evm/contracts/names.generated.ts';
import { nodes } from '#core/evm/contracts/nodes.generated.ts';
import { testPerson } from '#core/evm/testing/person.ts';
import type { Ledger } from '../chain/ledger.ts';

/** How many are handed in before the next wait; each such batch is one block or a few. */
const batchSize = 50;
const record = `0x${'77'.repeat(32)}`;

/**
 * Have five people use all five contracts of the house, now and then in a way that fails.
 * @param count transactions, with the five that put the contracts there
 * @param emptyReads also calls that only read slots where nothing is: anvil 1.7 then has zeros in the contract's tree, which the rules leave out
 */
export async function makeJournal(ledger: Ledger, count: number, emptyReads: boolean): Promise<void> {
  const chain = Number(ledger.chainId);
  const people = [0xa11, 0xbe1, 0xc41, 0xdee, 0xe4e].map((key) => testPerson(key, chain));
  const ann = some(people, 0);
  const put = async (contract: Parameters<typeof ann.deploy>[0], args: readonly unknown[] = []): Promise<Hex> => {
    const created = ledger.records.tx(await ledger.submit(await ann.deploy(contract, args)))?.created;
    if (created == null) throw new Error('the contract is not there');
    return `0x${Buffer.from(created).toString('hex')}`;
  };
  const token = await put(credits, ['Credits issued by Ann', 'ANN', ann.account.address]);
  const escrow = await put(deals);
  const register = await put(names, [0n]);
  const farms = await put(nodes);
  const said = await put(attestations);

  const call = (to: Hex, abi: Abi, functionName: string, args: readonly unknown[]) => ({
    to,
    data: encodeFunctionData({ abi, functionName, args }),
  });
  const acts = [
    // Only Ann may: four of five fail. Each second goes to an address that was never used.
    (i: number) => call(token, credits.abi as Abi, 'issue', [i % 2 === 0 ? fresh(i) : known(i), amount(i), record]),
    (i: number) => call(token, credits.abi as Abi, 'transfer', [known(i), amount(i)]),
    (i: number) => call(token, credits.abi as Abi, 'approve', [escrow, amount(i)]),
    (i: number) => call(register, names.abi as Abi, 'commit', [word(i)]),
    (i: number) => call(farms, nodes.abi as Abi, 'createFarm', [word(i % 97), record]),
    // Of a node that is not there.
    (i: number) => call(farms, nodes.abi as Abi, 'beat', [word(i)]),
    (i: number) => call(said, attestations.abi as Abi, 'attest', [word(1), word(i), record, 0n, true, word(i)]),
  ];
  // A deal that is not there has nothing to account for.
  if (emptyReads) acts.push((i) => call(escrow, deals.abi as Abi, 'settle', [word(i)]));
  const known = (i: number) => some(people, i * 7).account.address;

  for (let i = 5; i < count; ) {
    const batch: Uint8Array[] = [];
    for (; i < count && batch.length < batchSize; i += 1)
      batch.push(await some(people, i).sign({ ...some(acts, i)(i), gas: 500_000n }));
    await Promise.all(batch.map((raw) => ledger.submit(raw)));
  }
}

const some = <T>(list: readonly T[], i: number): T => {
  const one = list[i % list.length];
  if (one === undefined) throw new Error('the list is empty');
  return one;
};
const amount = (i: number): bigint => BigInt(1 + (i % 13));
const fresh = (i: number): Hex => `0x${i.toString(16).padStart(40, '4')}`;
const word = (i: number): Hex => `0x${i.toString(16).padStart(64, '9')}`;
