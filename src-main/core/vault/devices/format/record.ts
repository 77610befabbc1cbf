import type { DeviceRecord } from '../model/records.ts';
import {
  BadValue,
  content,
  contentBytes,
  context,
  contextValue,
  count,
  id,
  idBytes,
  list,
  orNull,
  stamp,
  text,
} from './values.ts';

/*
 * One write (docs/formats/devices.md):
 *
 *   [1, author 16, seq, ms, count, device, name]
 *   [2, author 16, seq, ms, count, entry 16, parent 16 or nil, 0 file or 1 folder, name]
 *   [3, author 16, seq, ms, count, entry 16, content 32, size, modified, past]
 *   [4, author 16, seq, ms, count, entry 16, 0 here or 1 binned or 2 gone, seen]
 *
 * past and seen: [[author 16, seq], ...] by author (as base64url), ascending.
 */

const states = ['here', 'binned', 'gone'] as const;
const types = ['file', 'folder'] as const;
const kinds = { author: 1, place: 2, content: 3, state: 4 } as const;
const lengths: Readonly<Record<number, number>> = { 1: 7, 2: 9, 3: 10, 4: 8 };
/** What a vault takes as a name: docs/formats/vault.md. */
const mostName = 1024;

export function recordValue(record: DeviceRecord): unknown {
  const { author, seq, at } = record;
  const front = [kinds[record.kind], idBytes(author), seq, at.ms, at.count];
  switch (record.kind) {
    case 'author':
      return [...front, record.device, record.name];
    case 'place': {
      const { entry, parent, type, name } = record;
      return [...front, idBytes(entry), parent === null ? null : idBytes(parent), types.indexOf(type), name];
    }
    case 'content': {
      const { entry, size, modified, past } = record;
      return [...front, idBytes(entry), contentBytes(record.content), size, modified, contextValue(past)];
    }
    case 'state':
      return [...front, idBytes(record.entry), states.indexOf(record.state), contextValue(record.seen)];
  }
}

/** @throws BadValue */
export function readRecord(value: unknown): DeviceRecord {
  const all = list(value, 7, 10);
  const kind = count(all[0], 4, 1);
  list(value, lengths[kind] ?? 0);
  const [, author, seq, ms, n, ...rest] = all;
  const front = { author: id(author), seq: count(seq, undefined, 1), at: stamp(ms, n) };
  if (kind === kinds.author) {
    return { kind: 'author', ...front, device: text(rest[0], 1, 64), name: text(rest[1], 0, 256) };
  }
  const entry = id(rest[0]);
  if (kind === kinds.place) {
    const type = types[count(rest[2], 1)] ?? 'file';
    return { kind: 'place', ...front, entry, parent: orNull(rest[1], id), type, name: nameOf(rest[3]) };
  }
  if (kind === kinds.content) {
    const [size, modified] = [count(rest[2]), count(rest[3])];
    return { kind: 'content', ...front, entry, content: content(rest[1]), size, modified, past: context(rest[4]) };
  }
  return { kind: 'state', ...front, entry, state: states[count(rest[1], 2)] ?? 'here', seen: context(rest[2]) };
}

/** Names come from devices of the same person, whose vaults took them; yet nothing that is no name goes on from here. */
function nameOf(value: unknown): string {
  const name = text(value, 1, mostName);
  if (name === '.' || name === '..' || /[/\0]/.test(name)) throw new BadValue();
  return name;
}
