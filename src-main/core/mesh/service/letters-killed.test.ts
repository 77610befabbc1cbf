import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '#core/store/database.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import type { MeshMessage } from '#shared/contract/mesh/index.ts';
import { addressOf } from '../identity/address.ts';
import { createDice } from '../testing/dice.ts';
import { meshMigrations } from './store.ts';
import { openPostDesk } from './testing/post-desk.ts';

const script = fileURLToPath(new URL('./testing/killed-writer.ts', import.meta.url));
const self = { address: addressOf(new Uint8Array(32).fill(7)), publicKey: new Uint8Array(32).fill(7) };

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hypha-letters-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function writeAndDie(round: string, at: number): Promise<string[][]> {
  const child = spawn(process.execPath, [script, home, round, `${at}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (data: Buffer) => {
    out += data;
  });
  const signal = await new Promise<NodeJS.Signals | null>((done) => child.once('close', (_, by) => done(by)));
  expect(signal).toBe('SIGKILL');
  return out
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' '));
}

/** What of a round is shown, what will be sent, and what came to the node itself, by text; all of it after a restart. */
function look(round: string) {
  const { post, letters, close } = openPostDesk(home, self);
  const of = (messages: readonly MeshMessage[]): string[] =>
    messages.flatMap(({ text }) => (text?.startsWith(`${round}-`) ? [text] : []));
  const list = (box: 'in' | 'out') =>
    post.list({ box, topic: undefined, unread: false, limit: 500, before: undefined, after: undefined }).messages;
  const inOutbox = (state: string): string[] =>
    letters.db
      .prepare('SELECT CAST(data AS TEXT) AS text FROM outbox WHERE state = ? ORDER BY seq DESC')
      .all(state)
      .map((row) => row.text as string)
      .filter((text) => text.startsWith(`${round}-`));
  try {
    return {
      shown: of(list('out')).toSorted(),
      kept: [...inOutbox('waiting'), ...inOutbox('received')].toSorted(),
      waiting: inOutbox('waiting'),
      came: of(list('in')),
    };
  } finally {
    close();
  }
}

describe('a letter whose writer is killed', () => {
  it('is sent and shown, or neither, at whatever point that was', async () => {
    const [, , , last] = [...(await writeAndDie('0', 0))].slice(-4);
    const points = Number(last?.[1]);
    expect(points).toBeGreaterThan(15);
    const dice = createDice(2026);
    // The point right after the first row was written, and others by chance.
    const at = new Set(Array.from({ length: 12 }, () => 1 + Math.floor(dice.next() * points)));
    for (const point of at) {
      const round = `${point}`;
      const said = await writeAndDie(round, point);
      const where = `killed at point ${point} of ${points}`;
      const of = (verb: string): string[] => said.flatMap(([what, text = '']) => (what === verb ? [text] : []));
      const { shown, kept, waiting, came } = look(round);
      expect(shown, where).toEqual(kept);
      expect(new Set(shown).size, where).toBe(shown.length);
      const removed = new Set(of('removes'));
      for (const text of of('sent')) if (!removed.has(text)) expect(shown, where).toContain(text);
      for (const text of of('removed')) expect(shown, where).not.toContain(text);
      for (const text of shown) expect(of('writes'), where).toContain(text);
      // What is to this node itself came, once; everything else waits for others.
      const own = shown.filter((text) => text.endsWith('self'));
      expect(came, where).toEqual(own);
      expect(waiting.length, where).toBe(shown.length - own.length);
      expect(look(round), where).toEqual({ shown, kept, waiting, came });
    }
  }, 120_000);

  it('of an earlier release is taken over whole, at whatever point that was cut short', async () => {
    await writeAndDie('0', 0);
    const asBefore = async (): Promise<void> => {
      const { letters, own, close } = openPostDesk(home, self);
      const rows = letters.db.prepare('SELECT seq, data FROM outbox WHERE letter = 1').all();
      for (const row of rows) own.db.prepare('INSERT INTO written VALUES (?, ?)').run(row.seq ?? 0, row.data ?? null);
      letters.db.exec(`UPDATE outbox SET letter = 0, data = CASE state WHEN 'waiting' THEN data END`);
      close();
    };
    const { shown } = look('0');
    expect(shown.length).toBe(3);
    for (let point = 1; point <= 12; point++) {
      await asBefore();
      await writeAndDie(`later-${point}`, point);
      expect(look('0').shown, `killed at point ${point}`).toEqual(shown);
      const own = openDatabase({ path: join(home, 'mesh.db'), migrations: meshMigrations, log: silentLog });
      expect(own.db.prepare('SELECT count(*) AS n FROM written').get()).toEqual({ n: 0 });
      own.close();
    }
  }, 120_000);
});
