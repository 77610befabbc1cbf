import { encodeDeployData, type Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import type { EvmAddress } from '#shared/model/evm.ts';
import type { Asking } from './chain.ts';
import { compareContracts } from './code.ts';
import { attestations } from './contracts/attestations.generated.ts';
import { credits } from './contracts/credits.generated.ts';
import { deals } from './contracts/deals.generated.ts';
import { names } from './contracts/names.generated.ts';
import { nodes } from './contracts/nodes.generated.ts';
import { anvilPath, startAnvil } from './testing/anvil.ts';
import { put as putOn } from './testing/mined.ts';
import { testPerson } from './testing/person.ts';

const path = anvilPath();
if (path === null) console.log('code.test.ts is skipped: anvil has no package for this system.');

describe.skipIf(path === null)('the code of contracts on a chain', () => {
  it('is compared to the last byte, with what their constructors made of the address and the chain', async () => {
    const anvil = await startAnvil(path ?? '', 7_000_000_123n, [], true);
    try {
      const ann = testPerson(0xa11, 7_000_000_123);
      const put = (raw: Uint8Array) => putOn(anvil.ask, raw);
      // As long as a name can be: its constructor refuses one of 32 bytes.
      const long = 'Credits issued by Ann Longname!';
      const contracts = {
        deals: await put(await ann.deploy(deals, [])),
        nodes: await put(await ann.deploy(nodes, [])),
        names: await put(await ann.deploy(names, [12n])),
        attestations: await put(await ann.deploy(attestations, [])),
        credits: await put(await ann.deploy(credits, [long, 'CREDITS', ann.account.address])),
      };
      const chain: Asking = { request: (method, params) => anvil.ask(method, params) };
      const compared = (other: Partial<typeof contracts>, chainId = 7_000_000_123n) =>
        compareContracts(chain, chainId, { ...contracts, ...other });
      expect(await compared({})).toBeNull();
      expect(await compareContracts(chain, 7_000_000_123n, { ...contracts, credits: null })).toBeNull();
      expect(await compared({}, 7_000_000_124n)).toMatchObject({ contract: 'deals', found: 'other' });
      expect(await compared({ nodes: contracts.names })).toMatchObject({ contract: 'nodes', found: 'other' });
      expect(await compared({ names: contracts.deals })).toMatchObject({ contract: 'names', found: 'other' });
      const nowhere = `0x${'7'.repeat(40)}` as EvmAddress;
      expect(await compared({ credits: nowhere })).toEqual({ contract: 'credits', at: nowhere, found: 'none' });

      // One byte of another: it would pay out to whoever wrote it.
      const whole = encodeDeployData({ abi: attestations.abi, bytecode: attestations.bytecode as Hex });
      const at = Math.floor(whole.length / 2);
      const bytecode = `${whole.slice(0, at)}${whole[at] === '0' ? '1' : '0'}${whole.slice(at + 1)}` as Hex;
      const altered = await put(await ann.deploy({ abi: attestations.abi, bytecode }, []));
      expect(await compared({ attestations: altered })).toMatchObject({ contract: 'attestations', found: 'other' });
    } finally {
      await anvil.stop();
    }
  });
});
