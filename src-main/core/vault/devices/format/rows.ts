import type { Agreed } from '../plan/agreed.ts';
import type { Intent, Meta } from '../rows.ts';
import {
  content,
  contentBytes,
  context,
  contextValue,
  count,
  flag,
  id,
  idBytes,
  list,
  orNull,
  stamp,
  text,
} from './values.ts';

/*
 * Rows of this computer alone, sealed (docs/formats/devices.md): what is known, and which item of the vault stands for which entry.
 *
 *   self    [author 16, ms, count, confirmed, vector]
 *   agreed  [entry 16, item, parent item or nil, name, binned, content 32 or nil, seen]
 *   intent  [entry 16, content 32 or nil, seen]
 */

const itemId = (value: unknown): string => text(value, 1, 64);

export const metaValue = ({ author, clock, confirmed, vector }: Meta): unknown => [
  ...[idBytes(author), clock.ms, clock.count, confirmed],
  contextValue(vector),
];
export function readMeta(value: unknown): Meta {
  const [author, ms, n, confirmed, vector] = list(value, 5);
  return { author: id(author), clock: stamp(ms, n), confirmed: count(confirmed), vector: context(vector) };
}

export const agreedValue = (agreed: Agreed): unknown => [
  ...[idBytes(agreed.entry), agreed.item, agreed.parent, agreed.name, agreed.binned],
  ...[agreed.content === null ? null : contentBytes(agreed.content), contextValue(agreed.seen)],
];
export function readAgreed(value: unknown): Agreed {
  const [entry, item, parent, name, binned, bytes, seen] = list(value, 7);
  return {
    ...{ entry: id(entry), item: itemId(item), parent: orNull(parent, itemId), name: text(name, 1, 1024) },
    ...{ binned: flag(binned), content: orNull(bytes, content), seen: context(seen) },
  };
}

export const intentValue = ({ entry, content, seen }: Intent): unknown => [
  ...[idBytes(entry), content === null ? null : contentBytes(content), contextValue(seen)],
];
export function readIntent(item: string, value: unknown): Intent {
  const [entry, bytes, seen] = list(value, 3);
  return { item, entry: id(entry), content: orNull(bytes, content), seen: context(seen) };
}
