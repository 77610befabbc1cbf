import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Contract } from '#shared/rpc/contract.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { createActivity } from './activity.ts';
import type { JournalRow } from './journal.ts';
import { caller, createToyBroker, never, toyContract } from './testing/toy-broker.ts';

/** The activity handlers over a journal of `n` entries, every hundredth a payment. */
function filled(n: number, locked = false) {
  const toy = createToyBroker();
  const who = caller('ui');
  for (let i = 1; i <= n; i++) {
    const pays = i % 100 === 0;
    const seq = toy.journal.begin({
      at: i,
      caller: { face: 'ui', name: 'Window' },
      method: pays ? 'toy.pay' : 'toy.add',
      effect: pays ? 'spend' : 'write',
      summary: pays ? `Pay ${i} to Ann` : `Add ${i}`,
      authority: 'person',
      task: null,
      undoes: null,
    });
    toy.journal.end(seq, { at: i, outcome: 'done', failure: null, undo: { method: 'toy.add', input: { n: -i } } });
  }
  const handlers = createActivity({
    contract: toyContract as Contract,
    journal: toy.journal,
    approvals: toy.approvals,
    mandates: toy.mandates,
    broker: () => toy.broker,
    isLocked: () => locked,
  });
  const context = { caller: who, signal: never, undo: () => {} };
  return {
    ...toy,
    list: (input: { before?: number; limit?: number; query?: string; effect?: 'spend' }, signal = never) =>
      handlers['activity.list']({ limit: 100, ...input }, { ...context, signal }),
    verify: () => handlers['activity.verify']({}, context),
    pending: (who = caller('ui')) => handlers['consent.pending']({}, { ...context, caller: who }),
    export: async (after?: number) => handlers['activity.export']({ after }, context),
  };
}

/**
 * A verifier with nothing of Hypha in it, as docs/formats/journal.md tells anyone to write one: JSON and SHA-256.
 * Returns the number of the first row that does not fit, or null.
 */
function verifyElsewhere(text: string): number | null {
  let previous = '0'.repeat(64);
  let expected = 1;
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const { seq, kind, closes, body, hash } = JSON.parse(line) as JournalRow;
    const computed = createHash('sha256')
      .update(JSON.stringify([previous, seq, kind, closes, body]))
      .digest('hex');
    if (seq !== expected || computed !== hash) return seq;
    previous = hash;
    expected += 1;
  }
  return null;
}

describe('the list', () => {
  it('goes back page by page to the first entry', async () => {
    const { list } = filled(2500);
    const seen: number[] = [];
    let before: number | undefined;
    for (;;) {
      const { entries, more } = await list({ limit: 500, ...(before === undefined ? {} : { before }) });
      seen.push(...entries.map(({ seq }) => seq));
      if (!more) break;
      before = entries.at(-1)?.seq;
    }
    expect(seen).toHaveLength(2500);
    expect(seen).toEqual(seen.toSorted((a, b) => b - a));
    expect(new Set(seen).size).toBe(2500);
  });

  it('finds what is far back, by word and by effect, and says when there is no more', async () => {
    const { list } = filled(2500);
    expect(await list({ query: 'PAY 100 TO' })).toMatchObject({
      entries: [{ summary: 'Pay 100 to Ann' }],
      more: false,
    });
    expect((await list({ effect: 'spend', limit: 20 })).entries).toHaveLength(20);
    expect((await list({ effect: 'spend', limit: 20 })).more).toBe(true);
    expect((await list({ effect: 'spend', limit: 25 })).more).toBe(false);
    expect(await list({ query: 'nothing of that kind' })).toEqual({ entries: [], more: false });
  });

  it('lets others have their turn, and stops when nobody waits for the answer any more', async () => {
    const { list } = filled(2500);
    const abort = new AbortController();
    const answer = Promise.resolve(list({ query: 'nothing of that kind' }, abort.signal));
    answer.catch(() => {});
    await new Promise<void>((resolve) => setImmediate(resolve));
    abort.abort();
    await expect(answer).rejects.toThrow();
  });

  it('looks up whether an entry was undone by index', () => {
    const { store } = filled(1);
    const plan = store.db
      .prepare(
        "EXPLAIN QUERY PLAN SELECT b.seq FROM journal b WHERE b.kind = 'begin' AND json_extract(b.body, '$.undoes') IS NOT NULL AND json_extract(b.body, '$.undoes') = ?",
      )
      .all(1);
    expect(JSON.stringify(plan)).toContain('journal_undoes');
  });
});

describe('the exported log', () => {
  it('verifies with nothing but JSON and SHA-256, and shows a change', async () => {
    const { text, next } = await filled(50).export();
    expect(next).toBeNull();
    expect(verifyElsewhere(text)).toBeNull();
    expect(verifyElsewhere(text.replace('Pay 0', 'Pay 1').replace('Add 7', 'Add 8'))).toBe(13);
    expect(verifyElsewhere(text.split('\n').toSpliced(20, 1).join('\n'))).toBe(22);
  });

  it('comes in parts that together are the whole', async () => {
    const log = filled(3000);
    const parts: string[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const part = await log.export(after);
      expect(part.text.length).toBeLessThanOrEqual(1024 * 1024);
      parts.push(part.text);
      after = part.next;
    }
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.join('')).toBe((await log.export()).text);
    expect(verifyElsewhere(parts.join(''))).toBeNull();
    expect(await log.verify()).toEqual({ entries: 3000, intact: true, brokenAt: null });
  });

  it('shows a log changed in the database, far from its beginning', async () => {
    const log = filled(2500);
    log.store.db.exec("UPDATE journal SET body = replace(body, 'Pay 2400', 'Pay 1') WHERE seq = 4799");
    expect(await log.verify()).toMatchObject({ intact: false, brokenAt: 4799 });
  });

  it('is not given out while locked', async () => {
    const log = filled(1, true);
    await expect(log.export()).rejects.toSatisfy((error) => isFail(error, 'LOCKED'));
  });
});

describe('questions', () => {
  it('that name files wait for the unlocking, except at the terminal they were typed at', async () => {
    const open = filled(0);
    const locked = filled(0, true);
    for (const toy of [open, locked]) {
      for (const name of ['toy.pay', 'vault.purge']) {
        const asked = toy.approvals.ask(
          caller('cli', false),
          name,
          toyContract['toy.pay'],
          { to: 'ann', amount: 1 },
          never,
        );
        asked.catch(() => {});
      }
    }
    const shown = async (toy: typeof open, who = caller('ui')) =>
      (await toy.pending(who)).requests.map(({ method }) => method);
    expect(await shown(open)).toEqual(['toy.pay', 'vault.purge']);
    expect(await shown(locked)).toEqual(['toy.pay']);
    expect(await shown(locked, caller('cli', true))).toEqual(['toy.pay', 'vault.purge']);
  });

  it('are told apart by the connection that asked, and not by the name it took', async () => {
    const toy = filled(0);
    const terminal = caller('cli', false);
    const impostor = { ...terminal, connection: 'another' };
    for (const who of [terminal, impostor]) {
      const input = { to: who.connection, amount: 1 };
      toy.approvals.ask(who, 'toy.pay', toyContract['toy.pay'], input, never).catch(() => {});
    }
    const mine = async (who: typeof terminal) =>
      (await toy.pending(who)).requests
        .filter((one) => one.mine)
        .map((one) => one.arguments.find(({ name }) => name === 'to')?.value);
    expect(await mine(terminal)).toEqual([terminal.connection]);
    expect(await mine(impostor)).toEqual(['another']);
    expect(await mine({ ...caller('ui'), connection: 'window' })).toEqual([]);
  });
});
