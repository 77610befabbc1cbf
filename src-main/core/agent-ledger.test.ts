import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CreditAct } from '#shared/contract/ledger/credits.ts';
import type { OwnLedger } from '#shared/contract/ledger/own.ts';
import { type MeshAgent, startMeshAgent } from './testing/mesh-agents.ts';

let ann: MeshAgent;
beforeEach(async () => {
  ann = await startMeshAgent('Ann', 1);
});
afterEach(() => ann.end());

const own = async (): Promise<OwnLedger> => {
  const { own: found } = await ann.call<{ own: OwnLedger | null }>('ledger.status');
  if (found === null) throw new Error('there is no ledger');
  return found;
};
const issued = () => ann.call<{ acts: CreditAct[]; next: number | null }>('ledger.issued');

describe('a ledger of one’s own', () => {
  it('is opened with its contracts, issues credits with a record of what for, and is all there after a restart', async () => {
    expect(await ann.call('ledger.status')).toMatchObject({ own: null });
    await expect(ann.call('ledger.issue', { amount: '5', memo: 'x' })).rejects.toMatchObject({ code: 'NO_LEDGER' });
    const opened = await ann.task<OwnLedger>('ledger.open', { symbol: 'annc' });
    expect(opened).toMatchObject({ state: 'open', symbol: 'ANNC', name: 'Credits issued by Ann', incarnation: 0 });
    expect(opened).toMatchObject({ newest: { number: 5 }, transactions: 5, outstanding: { units: '0', amount: '0' } });

    const act = await ann.call<CreditAct>('ledger.issue', { amount: '1200.5', memo: 'For the garden' });
    expect(act).toMatchObject({ state: 'done', who: opened.operator, sum: { units: '1200500000', amount: '1200.5' } });
    expect(
      `0x${createHash('sha256')
        .update(act.text ?? '')
        .digest('hex')}`,
    ).toBe(act.record);
    const to = `0x${'b'.repeat(40)}`;
    await ann.call('ledger.issue', { amount: '2', memo: 'For Ben', to });
    await ann.call('ledger.redeem', { amount: '0.5', memo: 'Not needed' });
    const acts = (await issued()).acts;
    expect(acts.map(({ kind, memo, sum }) => [kind, memo, sum.amount])).toEqual([
      ['redeem', 'Not needed', '0.5'],
      ['issue', 'For Ben', '2'],
      ['issue', 'For the garden', '1200.5'],
    ]);
    expect(await ann.task('ledger.verify')).toEqual({ blocks: 9, transactions: 8, wrong: null });

    await ann.restart();
    expect(await own()).toMatchObject({
      ...opened,
      newest: { number: 8 },
      transactions: 8,
      bytes: expect.any(Number),
      outstanding: { amount: '1202' },
    });
    expect((await issued()).acts).toEqual(acts);
    await expect(ann.call('ledger.redeem', { amount: '99999', memo: 'x' })).rejects.toMatchObject({
      code: 'CALL_REFUSED',
    });
    // What was refused is told as such, and is not among what happened.
    expect((await issued()).acts.map(({ state, memo }) => [state, memo])).toContainEqual(['failed', 'x']);
  });

  it('is refused under the names of money that others issue, whatever they are written with, and opened once', async () => {
    for (const [symbol, name] of [
      ['TFT', undefined],
      ['USDC', undefined],
      ['T0TFT', undefined],
      ['U5DC', undefined],
      ['WETH', undefined],
      ['B7C', undefined],
      ['ANNC', 'Tether'],
      ['ANNC', 'Ann’s Віtсоіn'],
      ['ANNC', 'T F T'],
      ['ANNC', 'US Dollar'],
    ]) {
      await expect(ann.task('ledger.open', { symbol, name }), `${symbol} ${name}`).rejects.toMatchObject({
        code: 'NAME_RESERVED',
      });
    }
    expect(await ann.call('ledger.status')).toMatchObject({ own: null });
    await ann.task('ledger.open', { symbol: 'GARDEN' });
    await expect(ann.task('ledger.open', { symbol: 'OTHER' })).rejects.toMatchObject({ code: 'LEDGER_EXISTS' });
    for (const amount of ['0', '0.0', '1.0000001'])
      await expect(ann.call('ledger.issue', { amount, memo: 'x' })).rejects.toThrow();
  });

  it('names the first block that is not what its transactions make', async () => {
    await ann.task('ledger.open', { symbol: 'ANNC' });
    await ann.call('ledger.issue', { amount: '1', memo: 'x' });
    await ann.call('ledger.issue', { amount: '2', memo: 'y' });
    await ann.stop();
    const db = new DatabaseSync(join(ann.home, 'ledger', 'own.db'));
    const raw = db.prepare('SELECT raw FROM tx WHERE block = 6').get() as { raw: Uint8Array };
    db.prepare('UPDATE tx SET raw = ? WHERE block = 7').run(raw.raw);
    db.close();
    await ann.start();
    expect(await ann.task('ledger.verify')).toMatchObject({ wrong: { block: 7 } });
  });
});
