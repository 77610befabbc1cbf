import { performance } from 'node:perf_hooks';
import { encodeFunctionData, type Hex } from 'viem';
import { systemRandom } from '#core/crypto/random.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import { anvilPath, startAnvil } from '#core/evm/testing/anvil.ts';
import { testPerson } from '#core/evm/testing/person.ts';
import { openLedger } from '#core/ledger/index.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { type Benchmark, Unavailable } from './harness/benchmark.ts';
import { workplace } from './harness/workplace.ts';

const transactions = 300;

/** Transfers of one token, each handed in when the one before was acknowledged with its receipt. */
export const benchmark: Benchmark = {
  name: 'ledger-tps',
  about:
    'Transactions a second of an own ledger, each durable before the next is handed in, beside anvil, which writes nothing.',
  better: 'lower',
  rival: 'anvil',
  runs: 3,
  warmUp: true,
  async prepare() {
    const path = anvilPath();
    if (path === null) throw new Unavailable('anvil has no package for this system.');
    const place = await workplace();
    const ledger = openLedger({
      path: place.path('ledger.db'),
      host: { now: () => Date.now(), random: systemRandom },
      log: silentLog,
      operator: new Uint8Array(20),
    });
    const ann = testPerson(0xa11, Number(ledger.chainId));
    const anvil = await startAnvil(path, ledger.chainId, [], true);
    const deploy = await ann.deploy(credits, ['Credits issued by Ann', 'CREDITS', ann.account.address]);
    const made = await ledger.submit(deploy);
    await anvil.ask('eth_sendRawTransaction', [hex(deploy)]);
    const to = hex(ledger.records.tx(made)?.created ?? new Uint8Array(20));
    const signed = async (first: number) =>
      Promise.all(
        Array.from({ length: transactions }, (_, i) => {
          const who: Hex = `0x${(first + i).toString(16).padStart(40, '5')}`;
          const data = encodeFunctionData({
            abi: credits.abi,
            functionName: 'issue',
            args: [who, 1n, `0x${'77'.repeat(32)}`],
          });
          return ann.sign({ to, data, nonce: first + i, gas: 200_000n });
        }),
      );
    let ours = 1;
    let theirs = 1;
    return {
      contests: [
        {
          name: `${transactions} transactions, one after the other`,
          async ours() {
            const raws = await signed(ours);
            ours += transactions;
            return timed(async () => {
              for (const raw of raws)
                if (ledger.records.tx(await ledger.submit(raw))?.status !== 1) throw new Error('it failed');
            });
          },
          async rival() {
            const raws = await signed(theirs);
            theirs += transactions;
            return timed(async () => {
              for (const raw of raws) {
                const hash = await anvil.ask('eth_sendRawTransaction', [hex(raw)]);
                // Its receipt comes a little after its answer.
                for (;;) {
                  const receipt = (await anvil.ask('eth_getTransactionReceipt', [hash])) as { status: string } | null;
                  if (receipt?.status === '0x1') break;
                  if (receipt !== null) throw new Error('it failed');
                }
              }
            });
          },
        },
      ],
      notes: ['ours in one process, one durable block each; anvil over HTTP on loopback, its state in memory only'],
      async close() {
        await anvil.stop();
        await ledger.close();
        await place.close();
      },
    };
  },
};

const hex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`;

async function timed(work: () => Promise<void>) {
  const begin = performance.now();
  await work();
  const seconds = (performance.now() - begin) / 1_000;
  return { seconds, notes: { 'transactions a second': (transactions / seconds).toFixed(0) } };
}
