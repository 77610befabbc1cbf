import type { Opened } from '../core.ts';
import type { LivePlace } from '../places/places.ts';
import type { ShardCheck } from './check-shard.ts';
import { noteFound } from './note-found.ts';
import { blocksOf, readBlock } from './read-block.ts';
import type { Records } from './records.ts';
import { blockBytes, dailySamples, draw } from './sample.ts';

/** After so many that were not there no more are needed: all of the place is read. */
const enoughLost = 8;
const page = 2000;

/**
 * Makes places on servers prove that they have what they say: each day {@link dailySamples} blocks, chosen by chance among all that
 * should lie there, so that nobody can know which. A place that answers to names and has not the bytes is found out. The blocks still
 * to be asked for are in the catalogue.
 */
export function createAuditor(opened: Opened, records: Records, check: ShardCheck) {
  const { catalogue, engine, vault } = opened;
  const { deps, places } = engine;

  /** Choose what is asked of a place; what was still open goes. */
  const plan = async (id: string, samples = dailySamples): Promise<number> => {
    const now = deps.host.now();
    records.place(id, now);
    const size = `((shard_length + 80 + ${blockBytes} - 1) / ${blockBytes})`;
    const where = `FROM shards JOIN packs ON seq = pack WHERE place = ? AND shards.state = 'ok' AND packs.state = 'stored'`;
    const total = catalogue.one<{ n: number | null }>(`SELECT sum(${size}) AS n ${where}`, id)?.n ?? 0;
    const chosen = draw(total, samples, deps.host.random);
    const asked: { pack: number; idx: number; block: number }[] = [];
    let before = 0;
    let next = 0;
    for (let after = 0; next < chosen.length; ) {
      const rows = catalogue.all<{ pack: number; idx: number; length: number }>(
        `SELECT pack, idx, shard_length AS length ${where} AND pack > ? ORDER BY pack LIMIT ?`,
        id,
        after,
        page,
      );
      for (const { pack, idx, length } of rows) {
        const blocks = blocksOf(length);
        for (; next < chosen.length && (chosen[next] ?? 0) < before + blocks; next++)
          asked.push({ pack, idx, block: (chosen[next] ?? 0) - before });
        before += blocks;
        after = pack;
      }
      if (rows.length < page) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    catalogue.transaction(() => {
      catalogue.run('DELETE FROM audit_plan WHERE place = ?', id);
      for (const { pack, idx, block } of asked) {
        // Deleted while they were chosen.
        if (catalogue.pack(pack)?.state !== 'stored') continue;
        catalogue.run('INSERT OR REPLACE INTO audit_plan VALUES (?, ?, ?, ?)', pack, idx, block, id);
      }
      records.set(id, { planned: now, asked: 0, failed: 0 });
    });
    deps.probe?.('audit-planned');
    return asked.length;
  };

  const open = (id: string, limit: number) =>
    catalogue.all<{ pack: number; idx: number; block: number }>(
      'SELECT pack, idx, block FROM audit_plan WHERE place = ? LIMIT ?',
      id,
      limit,
    );

  /** Ask for one block. @returns whether it proved something, and whether the place failed; null when it is of no interest any more */
  const ask = async (id: string, { pack: seq, idx, block }: { pack: number; idx: number; block: number }) => {
    const pack = catalogue.pack(seq);
    const shard = catalogue.shards(seq)[idx];
    if (pack?.state !== 'stored' || shard?.place !== id || shard.state !== 'ok') return null;
    const found = await readBlock(engine, vault, pack, shard, block);
    if (found === 'right') return { known: true, lost: false };
    if (found === 'unread') return { known: false, lost: false };
    // The tag of the whole shard says whether it is this one that is wrong; if not, one of the others is, and repair reads them all.
    const whole = await check(pack, idx, id);
    if (whole === 'unread') return { known: false, lost: false };
    const lost = noteFound(opened, records, pack, idx, id, whole);
    if (found === 'wrong' && whole === 'right') await checkOthers(pack.seq, idx);
    return { known: true, lost };
  };

  const checkOthers = async (seq: number, but: number): Promise<void> => {
    const pack = catalogue.pack(seq);
    for (const { idx, place, state } of catalogue.shards(seq)) {
      if (!pack || idx === but || state !== 'ok' || place === null || !places.readable(place)) continue;
      noteFound(opened, records, pack, idx, place, await check(pack, idx, place));
    }
  };

  return {
    plan,
    /** Samples of the plan that are still to be asked for. */
    left: (id: string): number =>
      catalogue.one<{ n: number }>('SELECT count(*) AS n FROM audit_plan WHERE place = ?', id)?.n ?? 0,
    /**
     * Ask for up to `limit` blocks of the plan.
     *
     * @returns whether the plan is done
     */
    async audit(place: LivePlace, limit: number, enough: () => boolean): Promise<boolean> {
      const { id } = place.row;
      const list = open(id, limit);
      let unanswered = 0;
      for (const one of list) {
        if (enough() || !places.readable(id) || unanswered >= 3) return false;
        const result = await ask(id, one);
        if (result && !result.known) {
          unanswered++;
          continue;
        }
        catalogue.transaction(() => {
          catalogue.run(
            'DELETE FROM audit_plan WHERE pack = ? AND idx = ? AND block = ?',
            one.pack,
            one.idx,
            one.block,
          );
          if (!result) return;
          const { asked, failed } = records.place(id, deps.host.now());
          records.set(id, { asked: asked + 1, failed: failed + (result.lost ? 1 : 0) });
          records.count({ asked: 1 });
        });
        deps.probe?.('audited');
        if (records.place(id, deps.host.now()).failed >= enoughLost) {
          catalogue.run('DELETE FROM audit_plan WHERE place = ?', id);
          break;
        }
      }
      if (open(id, 1).length > 0) return false;
      const { failed } = records.place(id, deps.host.now());
      records.set(id, { audited: deps.host.now(), found: failed });
      return true;
    },
  };
}
export type Auditor = ReturnType<typeof createAuditor>;
