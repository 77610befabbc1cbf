import { randomId } from '#core/crypto/ids.ts';
import type { Host } from '#core/host.ts';
import { fail } from '#shared/rpc/fail.ts';
import {
  type Answer,
  decodeAnswer,
  decodeQuestion,
  encodeAnswer,
  encodeQuestion,
  mostRecords,
} from './format/messages.ts';
import { recordValue } from './format/record.ts';
import { contextValue, packed } from './format/values.ts';
import type { DeviceRecord, EntryId } from './model/records.ts';
import { createRegisters, recordsOf } from './model/registers.ts';
import { reissued } from './model/reissue.ts';
import { laterStamp, nextStamp, noStamp, type Stamp } from './model/stamp.ts';
import { asContext, covers, isKnown, joinVector, type Vector } from './model/vector.ts';
import { type Draft, isGone } from './plan/absorb.ts';
import { copyOf } from './plan/project.ts';
import { vectorMostBytes } from './ports.ts';
import type { Loaded, Rows } from './rows.ts';

export interface Self {
  readonly id: string;
  readonly name: string;
}
interface Peer {
  /** What it knew when it last asked. */
  vector: Vector | null;
  told: number | null;
  heard: number | null;
  /** How far what it has to tell was followed, in which run of it. */
  life: string | null;
  position: number;
}

export type Known = ReturnType<typeof createKnown>;

/**
 * The registers of this device, durable, and their exchange with those of others. A peer follows the log of what came in here, in
 * its order; writes that it says it knows are left out. Once it has come to the end it knows all that is known here: only then does its
 * vector grow by ours, so no vector ever promises what somebody else was still to tell.
 */
export function createKnown(rows: Rows, loaded: Loaded, host: Pick<Host, 'now' | 'random'>, self: Self) {
  const registers = createRegisters();
  /** By number, ascending. */
  const log = new Map<number, DeviceRecord>();
  const numbers = new Map<string, number>();
  const vector = new Map<string, number>(loaded.meta?.vector ?? []);
  const peers = new Map<string, Peer>();
  const life = randomId(host.random);
  let author = loaded.meta?.author ?? randomId(host.random);
  let clock: Stamp = loaded.meta?.clock ?? noStamp;
  let confirmed = loaded.meta?.confirmed ?? 0;
  let last = 0;
  let broken = false;

  const nameOf = ({ author, seq }: DeviceRecord): string => `${author} ${seq}`;
  for (const [number, record] of loaded.records) {
    log.set(number, record);
    numbers.set(nameOf(record), number);
    registers.apply(record);
    clock = laterStamp(clock, record.at);
    last = number;
  }

  const peerOf = (id: string): Peer => {
    const there = peers.get(id) ?? { vector: null, told: null, heard: null, life: null, position: 0 };
    peers.set(id, there);
    return there;
  };
  const forget = (record: DeviceRecord): void => {
    const number = numbers.get(nameOf(record));
    if (number === undefined) return;
    rows.dropRecord(number);
    numbers.delete(nameOf(record));
    log.delete(number);
  };
  /** In a transaction. @returns whether it counts */
  const add = (record: DeviceRecord): boolean => {
    const { kept, superseded } = registers.apply(record);
    if (!kept) return false;
    for (const one of superseded) forget(one);
    last++;
    log.set(last, record);
    numbers.set(nameOf(record), last);
    rows.putRecord(last, record);
    return true;
  };
  const saveMeta = (): void => rows.putMeta({ author, vector: asContext(vector), clock, confirmed });
  /** What is in memory is ahead of what is durable when that failed: whoever holds this reads it anew. */
  const change = <T>(work: () => T): T => {
    if (broken) throw new Error('what is known of other devices is to be read anew');
    try {
      return rows.transaction(work);
    } catch (error) {
      broken = true;
      throw error;
    }
  };
  const front = () => {
    const seq = (vector.get(author) ?? 0) + 1;
    vector.set(author, seq);
    clock = nextStamp(clock, host.now());
    return { author, seq, at: clock };
  };
  const introduce = (): void => {
    const there = registers.authors.get(author);
    if (there?.name === self.name && there.device === self.id) return;
    add({ kind: 'author', ...front(), device: self.id, name: self.name });
  };

  /**
   * Somebody knows more of what we wrote than we do: this vault was put back from a copy, and numbers may be used twice. What others were not
   * known to have goes on under another name, and what they have of the old one comes as if it were a stranger's.
   */
  const beginAnew = (): void => {
    const old = author;
    author = randomId(host.random);
    const mine = [...log.values()].filter((record) => record.author === old && record.seq > confirmed);
    for (const record of mine) forget(record);
    if (confirmed > 0) vector.set(old, confirmed);
    else vector.delete(old);
    confirmed = 0;
    registers.clear();
    for (const record of log.values()) registers.apply(record);
    introduce();
    for (const record of reissued(mine, () => ({ author, seq: front().seq }))) add(record);
    for (const peer of peers.values()) Object.assign(peer, { vector: null, life: null, position: 0 });
  };
  /** @returns whether it was begun anew: what others have to tell is to be followed from its beginning */
  const lookBack = (theirs: Vector): boolean => {
    if ((theirs.get(author) ?? 0) <= (vector.get(author) ?? 0)) return false;
    change(() => {
      beginAnew();
      saveMeta();
    });
    return true;
  };

  return {
    registers,
    life,
    author: () => author,
    isBroken: () => broken,
    vector: (): Vector => vector,

    /** Make writes of this device, and what goes with them. Durable when it returns. */
    write<T>(drafts: readonly Draft[], also: (written: readonly DeviceRecord[]) => T): T {
      return change(() => {
        if (drafts.length > 0) introduce();
        const written = drafts.map((draft): DeviceRecord => ({ ...draft, ...front() }));
        for (const record of written) add(record);
        if (drafts.length > 0) saveMeta();
        return also(written);
      });
    },

    question(id: string): Uint8Array {
      const { life, position } = peerOf(id);
      return encodeQuestion({ life, position, vector: asContext(vector) });
    },
    answer(id: string, bytes: Uint8Array, maxBytes: number): Uint8Array | null {
      const question = bytes.length > vectorMostBytes ? null : decodeQuestion(bytes);
      if (!question) throw badMessage();
      const peer = peerOf(id);
      const theirs = new Map(question.vector);
      lookBack(theirs);
      confirmed = Math.max(confirmed, theirs.get(author) ?? 0);
      peer.vector = theirs;
      const from = question.life === life && question.position <= last ? question.position : 0;
      if (covers(theirs, vector)) peer.told = host.now();
      if (covers(theirs, vector) && from === last && question.life === life) return null;
      const ours = asContext(vector);
      let room = maxBytes - 128 - packed(contextValue(ours)).length;
      const records: DeviceRecord[] = [];
      let to = from;
      let isWhole = true;
      for (const [number, record] of log) {
        if (number <= from) continue;
        if (!isKnown(theirs, record)) {
          room -= packed(recordValue(record)).length;
          if (records.length > 0 && (room < 0 || records.length >= mostRecords)) {
            isWhole = false;
            break;
          }
          records.push(record);
        }
        to = number;
      }
      if (isWhole) to = last;
      // Nothing that it lacks: only that it has followed, which it may know another time.
      return encodeAnswer({ life, from, to, vector: isWhole ? ours : null, records });
    },
    /** Durable when it returns. */
    take(id: string, bytes: Uint8Array): { changed: boolean; more: boolean } {
      const answer = decodeAnswer(bytes);
      if (!answer) throw badMessage();
      const peer = peerOf(id);
      const at = peer.life === answer.life ? peer.position : 0;
      // Something before it has not come, or all of it has.
      if (answer.from > at || (answer.to <= at && answer.vector === null)) return { changed: false, more: true };
      if (lookBack(latestOf(answer))) return { changed: true, more: true };
      const fresh = answer.records.filter((record) => !isKnown(vector, record) && !numbers.has(nameOf(record)));
      const theirs = new Map(answer.vector ?? []);
      let changed = false;
      if (fresh.length > 0 || !covers(vector, theirs)) {
        change(() => {
          for (const record of fresh) {
            clock = laterStamp(clock, record.at);
            if (add(record)) changed = true;
          }
          joinVector(vector, theirs);
          saveMeta();
        });
      }
      peer.life = answer.life;
      peer.position = Math.max(at, answer.to);
      if (answer.vector !== null) peer.heard = host.now();
      return { changed, more: answer.vector === null };
    },

    /** Those that are to hear of a deletion before it is forgotten. */
    setPeers(ids: readonly string[]): void {
      for (const id of peers.keys()) if (!ids.includes(id)) peers.delete(id);
      for (const id of ids) peerOf(id);
    },
    peers: (): ReadonlyMap<string, Readonly<Peer>> => peers,
    deletions: (): number => deleted().length,
    /**
     * Forget entries that were deleted, once every peer knows of it and everything that they knew then is known here: nothing that
     * could bring the entry back is under way any more.
     *
     * A vault that was put back from an older copy than `leastMs` may bring such an entry back all the same.
     *
     * @param isUsed an item of the vault still stands for it @returns how many
     */
    collect(isUsed: (entry: EntryId) => boolean, leastMs: number): number {
      const all = [...peers.values()];
      if (all.length === 0) return 0;
      const theirs = all.map((peer) => peer.vector);
      if (!theirs.every((one): one is Vector => one !== null && covers(vector, one))) return 0;
      const knownToAll = (record: DeviceRecord): boolean => [vector, ...theirs].every((one) => isKnown(one, record));
      const before = host.now() - leastMs;
      const isOld = (id: EntryId): boolean => (registers.entries.get(id)?.state?.at.ms ?? 0) <= before;
      const copies = new Set<EntryId>();
      for (const [id, { contents }] of registers.entries)
        if (contents.length > 1) for (const one of contents) copies.add(copyOf(id, one));
      const over = new Set(
        deleted().filter(
          (id) => isOld(id) && !isUsed(id) && !copies.has(id) && recordsOf(registers.entries.get(id)).every(knownToAll),
        ),
      );
      // What something lies in that stays, stays.
      for (const id of [...registers.entries.keys()]) {
        if (over.has(id)) continue;
        let at = registers.entries.get(id)?.place?.parent ?? null;
        while (at !== null && over.delete(at)) at = registers.entries.get(at)?.place?.parent ?? null;
      }
      if (over.size === 0) return 0;
      change(() => {
        for (const id of over) for (const record of registers.drop(id)) forget(record);
      });
      return over.size;
    },
  };

  function deleted(): EntryId[] {
    const out: EntryId[] = [];
    for (const [id, entry] of registers.entries) if (isGone(entry)) out.push(id);
    return out;
  }
}

/** The most that an answer says to know of anybody. */
function latestOf({ vector, records }: Answer): Vector {
  const out = new Map(vector ?? []);
  for (const { author, seq } of records) out.set(author, Math.max(seq, out.get(author) ?? 0));
  return out;
}

const badMessage = () =>
  fail('BAD_MESSAGE', 'The other device said something that this one does not understand.', {
    meaning: 'Nothing of it was taken.',
    next: 'Bring both devices to the newest release.',
  });
