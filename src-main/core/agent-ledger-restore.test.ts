import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CreditAct } from '#shared/contract/ledger/credits.ts';
import type { OwnLedger } from '#shared/contract/ledger/own.ts';
import { type MeshAgent, passphrase, startMeshAgent } from './testing/mesh-agents.ts';

let ann: MeshAgent;
let scratch: string;
const ends: (() => Promise<void>)[] = [];
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'hypha-restore-'));
  ann = await begin(1);
  await ann.task('ledger.open', { symbol: 'ANNC' });
  await ann.call('ledger.issue', { amount: '100', memo: 'First' });
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await rm(scratch, { recursive: true, force: true });
});

async function begin(seed: number, words?: readonly string[]): Promise<MeshAgent> {
  const agent = await startMeshAgent('Ann', seed, words);
  ends.push(() => agent.end());
  return agent;
}
const wordsOf = async (who: MeshAgent) =>
  (await who.call<{ words: string[] }>('identity.revealPhrase', { passphrase })).words;
const memos = async (who: MeshAgent) =>
  (await who.call<{ acts: CreditAct[] }>('ledger.issued')).acts.map(({ memo, state }) => [memo, state]);

describe('the ledger of a computer that is gone', () => {
  it('comes back with the words and the kit: credits, what for, contracts, as another incarnation that goes on', async () => {
    const places = [1, 2, 3].map((n) => join(scratch, `place-${n}`));
    await ann.call('vault.setup', { paths: places, profile: { k: 2, m: 1 } });
    expect(await ann.task('ledger.backup')).toMatchObject({ number: 6 });
    const { own: before } = await ann.call<{ own: OwnLedger }>('ledger.status');
    expect(before.backup).toMatchObject({ number: 6 });
    // Not in the backup any more.
    await ann.call('ledger.issue', { amount: '5', memo: 'After the backup' });
    const { text: kit } = await ann.call<{ text: string }>('vault.kit');
    const words = await wordsOf(ann);
    await ann.stop();

    const again = await begin(7, words);
    await expect(again.task('ledger.restore')).rejects.toMatchObject({ code: 'NO_VAULT' });
    await again.task('vault.recover', { kit });
    const back = await again.task<OwnLedger>('ledger.restore');
    expect(back).toMatchObject({
      state: 'open',
      incarnation: 1,
      outstanding: { amount: '100' },
      newest: before.newest,
    });
    expect(back).toMatchObject({ chain: before.chain, genesis: before.genesis, contracts: before.contracts });
    expect(await memos(again)).toEqual([['First', 'done']]);
    await again.call('ledger.issue', { amount: '7', memo: 'Going on' });
    expect(await memos(again)).toEqual([
      ['Going on', 'done'],
      ['First', 'done'],
    ]);
    expect(await again.task('ledger.verify')).toMatchObject({ wrong: null });
    await expect(again.task('ledger.restore')).rejects.toMatchObject({ code: 'LEDGER_EXISTS' });
    await again.restart();
    expect((await again.call<{ own: OwnLedger }>('ledger.status')).own).toMatchObject({
      state: 'open',
      incarnation: 1,
    });
  }, 120_000);

  it('comes back from a file, where its database is broken; nobody else’s and nothing damaged is taken for it', async () => {
    const copy = join(scratch, 'copy');
    await ann.task('ledger.backup', { to: copy });
    await expect(ann.task('ledger.backup', { to: 'copy' })).rejects.toMatchObject({ code: 'BAD_TARGET' });
    const ben = await begin(2);
    await expect(ben.task('ledger.restore', { from: copy })).rejects.toMatchObject({ code: 'OTHER_LEDGER' });
    expect(await ben.call('ledger.status')).toMatchObject({ own: null });

    await ann.stop();
    await truncate(join(ann.home, 'ledger', 'own.db'), 5_000);
    await ann.restart();
    const { own: broken } = await ann.call<{ own: OwnLedger }>('ledger.status');
    expect(broken).toMatchObject({ state: 'broken', problem: { next: expect.stringContaining('ledger restore') } });
    await expect(ann.call('ledger.issue', { amount: '1', memo: 'x' })).rejects.toMatchObject({ code: 'LEDGER_BROKEN' });
    const damaged = join(scratch, 'damaged');
    await writeFile(damaged, Buffer.alloc(9_000, 7));
    await expect(ann.task('ledger.restore', { from: damaged })).rejects.toMatchObject({ code: 'BAD_BACKUP' });
    expect(await ann.task('ledger.restore', { from: copy })).toMatchObject({ state: 'open', incarnation: 1 });
    expect(await memos(ann)).toEqual([['First', 'done']]);
  }, 120_000);
});
