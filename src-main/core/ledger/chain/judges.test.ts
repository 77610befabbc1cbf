import { afterEach, describe, expect, it } from 'vitest';
import { anvilPath, startAnvil } from '#core/evm/testing/anvil.ts';
import { edr, startEdr } from '#core/evm/testing/edr.ts';
import { testPerson } from '#core/evm/testing/person.ts';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { makeJournal } from '../testing/journal.ts';
import { type Judge, replay } from '../testing/replay.ts';
import { type Ledger, openLedger } from './ledger.ts';

/* Two chains of other makes are handed the journal of a ledger, and must come to the same state after each block. */

const anvil = anvilPath();
const library = edr();
if (anvil === null) console.log('anvil is not asked: it has no package for this system.');
if (library === null) console.log('EDR is not asked: it has no package for this system.');

const count = 200;
let ledger: Ledger;
afterEach(() => ledger.close());

async function journal(emptyReads: boolean): Promise<void> {
  // Of an empty account that gets a fee of nothing anvil makes an account, against EIP-161: this one is in use.
  const operator = testPerson(0xa11, 1).address;
  ledger = openLedger({ path: ':memory:', host: createFakeHost(), log: silentLog, operator });
  await makeJournal(ledger, count, emptyReads);
}
const begin = () => Number(ledger.block(0).header.timestamp);

describe('the journal of a ledger', () => {
  it.skipIf(anvil === null)('leads anvil to the same state, block for block', async () => {
    await journal(false);
    const other = await startAnvil(anvil ?? '', ledger.chainId, ['--timestamp', String(begin())]);
    try {
      await other.ask('anvil_setCoinbase', [testPerson(0xa11, 1).account.address]);
      const judged = await replay(ledger, { prefix: 'anvil', ask: other.ask });
      expect(judged).toMatchObject({ transactions: count, differs: null });
    } finally {
      await other.stop();
    }
  });

  describe.skipIf(library === null)('before EDR', () => {
    const judge = async (): Promise<Judge> => {
      if (library === null) throw new Error('there is no EDR');
      const coinbase = testPerson(0xa11, 1).address;
      const other = await startEdr(library, { chainId: ledger.chainId, at: begin(), coinbase });
      return { prefix: 'hardhat', ask: other.ask };
    };

    it('leads to the same state, block for block, reads of empty slots among it', async () => {
      await journal(true);
      expect(await replay(ledger, await judge())).toMatchObject({ transactions: count, differs: null });
    });

    it('is told from a journal that led elsewhere', async () => {
      await journal(true);
      const other = await judge();
      await other.ask('hardhat_setBalance', [testPerson(0xbe1, 1).account.address, '0x1']);
      expect((await replay(ledger, other)).differs).toEqual({ block: 1, what: 'stateRoot' });
    });
  });
});
