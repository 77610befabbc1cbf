import { describe, expect, it } from 'vitest';
import { anvilPath, startAnvil } from '#core/evm/testing/anvil.ts';
import { openDatabase } from '#core/store/database.ts';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { startWallet } from '#core/wallet/testing/wallets.ts';
import type { ChainRef } from '#shared/model/evm.ts';
import { createPublicChains } from './chains.ts';
import { putContracts } from './put.ts';
import { publicMigrations } from './store.ts';

const path = anvilPath();
if (path === null) console.log('put.test.ts is skipped: anvil has no package for this system.');

describe.skipIf(path === null)('contracts on a public chain', () => {
  it('are put by the person’s account, each paid for once though it was broken off at every step', async () => {
    const ref = 'eip155:7000000999' as ChainRef;
    const anvil = await startAnvil(path ?? '', 7_000_000_999n, [], true);
    const database = openDatabase({ path: ':memory:', migrations: publicMigrations, log: silentLog });
    const host = { ...createFakeHost(), now: () => Date.now() };
    const chains = createPublicChains({ database, host, emit: () => {}, taken: () => null });
    const wallet = await startWallet(chains);
    try {
      await chains.add({ rpc: anvil.url, confirmations: 0 });
      const main = wallet.wallet.accounts.main() ?? '';
      const signal = new AbortController().signal;
      const deps = (accounts: typeof wallet.wallet.accounts) => ({ chains, accounts, step: () => {} });
      await anvil.ask('anvil_setBalance', [main, `0x${(10n ** 20n).toString(16)}`]);
      for (let after = 1; after <= 4; after += 1) {
        let sent = 0;
        const { accounts } = wallet.wallet;
        const mortal: typeof accounts = {
          ...accounts,
          async send(what) {
            const hash = await accounts.send(what);
            sent += 1;
            if (sent === after) throw new Error('killed');
            return hash;
          },
        };
        await expect(putContracts(ref, 0n, deps(mortal), signal)).rejects.toThrow('killed');
        await wallet.restart();
      }
      const made = await putContracts(ref, 0n, deps(wallet.wallet.accounts), signal);
      expect(made.contracts).toMatchObject({ deals: expect.stringMatching(/^0x/), credits: null });
      expect(await anvil.ask('eth_getTransactionCount', [main, 'latest'])).toBe('0x4');
    } finally {
      await wallet.stop();
      await anvil.stop();
      database.close();
    }
  }, 60_000);
});
