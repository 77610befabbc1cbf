import { describe, expect, it } from 'vitest';
import { type JournalRow, verifyChain } from './journal.ts';
import { caller, createToyBroker, never } from './testing/toy-broker.ts';

async function filled() {
  const toy = createToyBroker();
  for (const n of [1, 2, 3]) await toy.broker.invoke(caller('ui'), 'toy.add', { n }, never);
  await toy.broker.invoke(caller('ui'), 'toy.pay', { to: 'ann', amount: 1, pin: '4711' }, never);
  return { ...toy, rows: [...toy.journal.rows()] };
}

describe('journal', () => {
  it('verifies from its first row', async () => {
    const { rows } = await filled();
    expect(verifyChain(rows)).toMatchObject({ entries: 4, brokenAt: null });
    expect(verifyChain(rows.map((r) => JSON.parse(JSON.stringify(r)) as JournalRow))).toMatchObject({
      entries: 4,
      brokenAt: null,
    });
  });

  it('shows any change, removal, insertion or swap', async () => {
    const { rows } = await filled();
    const at = (i: number): JournalRow => rows[i] as JournalRow;
    const altered = rows.map((r, i) => (i === 2 ? { ...r, body: r.body.replace('2', '7') } : r));
    expect(verifyChain(altered).brokenAt).toBe(3);
    expect(verifyChain(rows.filter((_, i) => i !== 3)).brokenAt).toBe(5);
    expect(verifyChain([at(0), at(1), at(3), at(2), ...rows.slice(4)]).brokenAt).toBe(4);
    expect(verifyChain([...rows.slice(0, 2), at(1), ...rows.slice(2)]).brokenAt).toBe(2);
    expect(verifyChain(rows.map((r, i) => (i === 5 ? { ...r, closes: 1 } : r))).brokenAt).toBe(6);
  });

  it('holds no secret', async () => {
    const { rows } = await filled();
    expect(JSON.stringify(rows)).not.toContain('4711');
  });
});
