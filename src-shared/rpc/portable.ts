import { fail } from './fail.ts';

/** Containers within containers; both sides count the same, or a frame that one makes would end the connection at the other. */
export const maxDepth = 64;

/**
 * A copy of a frame that any transport carries the same way: plain objects, arrays, strings, numbers, booleans, null,
 * bigint and bytes. Undefined members are left out (MessagePack has none), a bare undefined becomes null.
 *
 * Bytes that are a view into a larger buffer are copied out: structured clone would send the whole buffer, and Node's
 * buffer pool holds other people's secrets.
 *
 * @throws Fail TOO_LARGE when it weighs more than `limit` bytes (about what MessagePack would make of it).
 */
export function portable(value: unknown, limit: number): unknown {
  return weighed(value, limit).value;
}

/** The same, with the weight. */
export function weighed(value: unknown, limit: number): { value: unknown; weight: number } {
  let weight = 0;
  const add = (bytes: number) => {
    weight += bytes;
    if (weight > limit) throw tooLarge(limit);
  };
  const copy = (item: unknown, depth: number): unknown => {
    if (depth > maxDepth) throw new TypeError('a frame is nested too deeply, or is a cycle');
    switch (typeof item) {
      case 'string':
        add(item.length + 2);
        return item;
      case 'number':
      case 'bigint':
        add(9);
        return item;
      case 'boolean':
      case 'undefined':
        add(1);
        return item ?? null;
      case 'object':
        break;
      default:
        throw new TypeError(`a frame cannot hold a ${typeof item}`);
    }
    if (item === null) {
      add(1);
      return null;
    }
    if (item instanceof Uint8Array) {
      add(item.byteLength + 5);
      const exact = item.constructor === Uint8Array && item.byteLength === item.buffer.byteLength;
      return exact ? item : Uint8Array.from(item);
    }
    if (Array.isArray(item)) {
      add(5);
      return Array.from(item, (each) => copy(each, depth + 1));
    }
    const prototype = Object.getPrototypeOf(item);
    if (prototype !== Object.prototype && prototype !== null) throw new TypeError('a frame holds plain objects only');
    add(5);
    const out: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(item)) {
      if (member === undefined) continue;
      // MessagePack's decoder refuses this key, and assigning it would change the prototype.
      if (key === '__proto__') throw new TypeError('a frame cannot hold a member named __proto__');
      add(key.length + 2);
      out[key] = copy(member, depth + 1);
    }
    return out;
  };
  return { value: copy(value, 0), weight };
}

export function tooLarge(limit: number) {
  return fail('TOO_LARGE', `The message is larger than the ${Math.floor(limit / 1024)} KiB that one may be.`, {
    meaning: 'Nothing was sent.',
    next: 'Ask for less at a time.',
  });
}
