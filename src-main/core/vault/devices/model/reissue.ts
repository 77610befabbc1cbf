import { type ContentRecord, type Context, type DeviceRecord, isIn, joinContexts } from './records.ts';

interface Name {
  readonly author: string;
  readonly seq: number;
}

/**
 * The writes of an author under another name, as they were: with the same stamps, so that none becomes later than what superseded it. A
 * deletion goes on seeing what it saw, under its new name too.
 */
export function reissued(records: readonly DeviceRecord[], name: () => Name): DeviceRecord[] {
  const contents = new Map<string, (readonly [ContentRecord, Name])[]>();
  const out: DeviceRecord[] = [];
  for (const record of records) {
    // Who wrote them: the new name tells its own.
    if (record.kind === 'author' || record.kind === 'state') continue;
    const own = name();
    out.push({ ...record, ...own });
    if (record.kind !== 'content') continue;
    contents.set(record.entry, [...(contents.get(record.entry) ?? []), [record, own]]);
  }
  for (const record of records) {
    if (record.kind !== 'state') continue;
    const also = (contents.get(record.entry) ?? []).flatMap(([old, now]): Context => {
      return isIn(record.seen, old) ? [[now.author, now.seq]] : [];
    });
    out.push({ ...record, ...name(), seen: joinContexts(record.seen, also) });
  }
  return out;
}
