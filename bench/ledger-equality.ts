import { anvilPath, startAnvil } from '#core/evm/testing/anvil.ts';
import { edr, startEdr } from '#core/evm/testing/edr.ts';
import { testPerson } from '#core/evm/testing/person.ts';
import { type Ledger, openLedger } from '#core/ledger/index.ts';
import { makeJournal } from '#core/ledger/testing/journal.ts';
import { type Judge, replay } from '#core/ledger/testing/replay.ts';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { type Benchmark, type Contest, Unavailable } from './harness/benchmark.ts';
import { workplace } from './harness/workplace.ts';

const transactions = 2_000;
// Of an empty account that gets a fee of nothing anvil makes an account, against EIP-161: this one is in use.
const operator = testPerson(0xa11, 1);

/** No ratio: whether chains of two other makes come to the same state from the same journal. */
export const benchmark: Benchmark = {
  name: 'ledger-equality',
  about: `Blocks of an own ledger of ${transactions.toLocaleString('en')} transactions whose state, receipts or gas anvil or EDR has otherwise.`,
  better: 'lower',
  rival: null,
  unit: 'blocks',
  runs: 1,
  warmUp: false,
  async prepare() {
    const path = anvilPath();
    const library = edr();
    if (path === null) throw new Unavailable('anvil has no package for this system.');
    if (library === null) throw new Unavailable('EDR has no package for this system.');
    const place = await workplace();
    const open = (name: string): Ledger =>
      openLedger({
        path: place.path(name),
        host: createFakeHost(),
        log: silentLog,
        operator: operator.address,
      });
    const contest = (name: string, emptyReads: boolean, asked: (ledger: Ledger) => Promise<Asked>): Contest => ({
      name,
      rival: null,
      async ours() {
        const ledger = open(`${name}.db`);
        try {
          await makeJournal(ledger, transactions, emptyReads);
          const { judge, stop } = await asked(ledger);
          try {
            return await compared(ledger, judge);
          } finally {
            await stop();
          }
        } finally {
          await ledger.close();
        }
      },
    });
    return {
      contests: [
        contest('anvil', false, async (ledger) => {
          const other = await startAnvil(path, ledger.chainId, ['--timestamp', String(begin(ledger))]);
          await other.ask('anvil_setCoinbase', [operator.account.address]);
          return { judge: { prefix: 'anvil', ask: other.ask }, stop: () => other.stop() };
        }),
        contest('EDR', true, async (ledger) => {
          const { chainId } = ledger;
          const other = await startEdr(library, { chainId, at: begin(ledger), coinbase: operator.address });
          return { judge: { prefix: 'hardhat', ask: other.ask }, stop: async () => {} };
        }),
      ],
      notes: [
        'through all five contracts, failures among them; compared after each block: number, state root, receipts root, transactions root, gas',
        'for EDR also calls that read only slots where nothing is: anvil 1.7 then keeps zeros in the tree of the contract, which the rules leave out',
      ],
      close: () => place.close(),
    };
  },
};

interface Asked {
  readonly judge: Judge;
  stop(): Promise<void>;
}

const begin = (ledger: Ledger): number => Number(ledger.block(0).header.timestamp);

async function compared(ledger: Ledger, judge: Judge) {
  const judged = await replay(ledger, judge);
  const last = Number(ledger.block().header.number);
  const { differs } = judged;
  return {
    // All after the first that differs stand on another state.
    amount: last - judged.blocks,
    notes: {
      'compared transactions': String(judged.transactions),
      blocks: String(judged.blocks),
      ...(differs === null ? {} : { 'first difference': `${differs.what} of block ${differs.block}` }),
    },
  };
}
