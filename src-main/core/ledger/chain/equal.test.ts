import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFunctionData, type Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import { deals } from '#core/evm/contracts/deals.generated.ts';
import { names } from '#core/evm/contracts/names.generated.ts';
import { anvilPath, startAnvil } from '#core/evm/testing/anvil.ts';
import { testPerson } from '#core/evm/testing/person.ts';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { openLedger } from './ledger.ts';

const anvil = anvilPath();
if (anvil === null) console.log('equal.test.ts is skipped: anvil has no package for this system.');

describe.skipIf(anvil === null)('the same signed transactions', () => {
  it('lead to the same state here and on a chain of another make, block for block', async () => {
    const top = await mkdtemp(join(tmpdir(), 'hypha-ledger-'));
    const ledger = openLedger({
      path: join(top, 'ledger.db'),
      host: createFakeHost(),
      log: silentLog,
      // With an account that is in use: of an empty one who gets a fee of nothing anvil makes an account, against EIP-161.
      operator: testPerson(0xa11, 1).address,
    });
    const genesis = Number(ledger.block().header.timestamp);
    const other = await startAnvil(anvil ?? '', ledger.chainId, ['--timestamp', String(genesis)]);
    try {
      await other.ask('anvil_setCoinbase', [testPerson(0xa11, 1).account.address]);
      const chain = Number(ledger.chainId);
      const [ann, ben] = [testPerson(0xa11, chain), testPerson(0xbe1, chain)];
      const both = async (raws: readonly Uint8Array[]) => {
        await Promise.all(raws.map((raw) => ledger.submit(raw)));
        for (const raw of raws) await other.ask('eth_sendRawTransaction', [`0x${Buffer.from(raw).toString('hex')}`]);
        const { header } = ledger.block();
        await other.ask('anvil_setNextBlockBaseFeePerGas', ['0x0']);
        await other.ask('evm_setNextBlockTimestamp', [Number(header.timestamp)]);
        await other.ask('evm_mine');
        const there = (await other.ask('eth_getBlockByNumber', ['latest', false])) as {
          stateRoot: string;
          number: string;
          receiptsRoot: string;
        };
        expect(Number(there.number)).toBe(Number(header.number));
        expect(there.receiptsRoot).toBe(`0x${Buffer.from(header.receiptTrie).toString('hex')}`);
        expect(there.stateRoot).toBe(`0x${Buffer.from(header.stateRoot).toString('hex')}`);
      };
      await both([await ann.deploy(credits, ['Credits issued by Ann', 'CREDITS', ann.account.address])]);
      await both([await ann.deploy(deals, []), await ben.deploy(names, [0n])]);
      const to = `0x${Buffer.from(ledger.records.txsOf(1)[0]?.created ?? []).toString('hex')}` as Hex;
      const issue = (amount: bigint, who: Hex) =>
        encodeFunctionData({ abi: credits.abi, functionName: 'issue', args: [who, amount, `0x${'77'.repeat(32)}`] });
      for (let i = 0; i < 20; i += 1) {
        const who = `0x${(i % 7).toString(16).padStart(40, '4')}` as Hex;
        // From 1 on: of a zero written over nothing anvil keeps a zero in its tree, which the rules leave out. One of them fails: who is not the issuer issues nothing.
        await both([
          await ann.sign({ to, data: issue(BigInt(i + 1), who) }),
          await ben.sign({ to, data: issue(5n, who) }),
          await ann.sign({ to, data: issue(7n, ben.account.address) }),
        ]);
      }
    } finally {
      await other.stop();
      await ledger.close();
      await rm(top, { recursive: true, force: true });
    }
  });
});
