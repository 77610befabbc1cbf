import { encodeFunctionData, type Hex } from 'viem';
import { systemRandom } from '#core/crypto/random.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import { testPerson } from '#core/evm/testing/person.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { openLedger } from '../chain/ledger.ts';

/**
 * For tests that kill it: issues credits without an end, three at once, and prints the hash of each transaction when the ledger has
 * acknowledged it. Arguments: the ledger's path.
 */
const ledger = openLedger({
  path: process.argv[2] ?? '',
  host: { now: () => Date.now(), random: systemRandom },
  log: silentLog,
  operator: new Uint8Array(20),
});
const ann = testPerson(0xa11, Number(ledger.chainId));
const made = ledger.records.txsOf(1)[0];
const sent = (block: number): number => (block === 0 ? 0 : ledger.records.txsOf(block).length + sent(block - 1));
let nonce = sent(ledger.records.newest()?.number ?? 0);
const say = (hash: Uint8Array) => process.stdout.write(`${Buffer.from(hash).toString('hex')}\n`);
const at = made?.created ?? null;
const contract = at ?? (await create());
for (;;) {
  const data = encodeFunctionData({
    abi: credits.abi,
    functionName: 'issue',
    args: [ann.account.address, 1n, `0x${'77'.repeat(32)}`],
  });
  const to = `0x${Buffer.from(contract).toString('hex')}` as Hex;
  const three = await Promise.all([0, 1, 2].map((i) => ann.sign({ to, data, nonce: nonce + i })));
  nonce += 3;
  await Promise.all(three.map(async (raw) => say(await ledger.submit(raw))));
}

async function create(): Promise<Uint8Array> {
  const hash = await ledger.submit(
    await ann.deploy(credits, ['Credits issued by Ann', 'CREDITS', ann.account.address]),
  );
  say(hash);
  nonce = 1;
  const created = ledger.records.tx(hash)?.created;
  if (!created) throw new Error('no contract');
  return created;
}
