/*
 * Domain names on the wire (RFC 1035 sections 3.1 and 4.1.4): labels of 1 to 63 bytes, each after its length, a zero at the
 * end, 255 bytes in all; or, from any label on, a pointer (two bits set) to a place earlier in the message.
 */

export const labelBytesMost = 63;
export const nameBytesMost = 255;

/** Labels, leftmost first, as bytes: what they hold besides ASCII letters is nobody's business here. */
export type DnsName = readonly Uint8Array[];

/**
 * Read a name. Pointers may only lead back before the place where the name, or the piece of it before, began, so there is no
 * way round in circles; and a name that would be longer than allowed ends the reading.
 *
 * @returns the labels and where the next thing begins; null when it is malformed
 */
export function readName(message: Uint8Array, start: number): { name: DnsName; end: number } | null {
  const name: Uint8Array[] = [];
  let at = start;
  let limit = start;
  let end = -1;
  let length = 1;
  for (;;) {
    const size = message[at];
    if (size === undefined) return null;
    if (size === 0) return { name, end: end < 0 ? at + 1 : end };
    if ((size & 0xc0) === 0xc0) {
      const low = message[at + 1];
      if (low === undefined) return null;
      const to = ((size & 0x3f) << 8) | low;
      if (end < 0) end = at + 2;
      if (to >= limit) return null;
      limit = to;
      at = to;
      continue;
    }
    // 0x40 and 0x80 were given to extensions that nobody uses (RFC 6891 section 5).
    if (size > labelBytesMost) return null;
    length += size + 1;
    if (length > nameBytesMost || at + 1 + size > message.length) return null;
    name.push(message.slice(at + 1, at + 1 + size));
    at += size + 1;
  }
}

/** @throws RangeError for a name that the wire does not hold */
export function writeName(name: DnsName): Uint8Array {
  const size = name.reduce((sum, label) => sum + label.length + 1, 1);
  const out = new Uint8Array(size);
  let at = 0;
  for (const label of name) {
    if (label.length === 0 || label.length > labelBytesMost) throw new RangeError('a label has 1 to 63 bytes');
    out[at] = label.length;
    out.set(label, at + 1);
    at += label.length + 1;
  }
  if (size > nameBytesMost) throw new RangeError('a name has at most 255 bytes');
  return out;
}

/** `a.b` as labels; for names of our own making, in ASCII. */
export function nameOfText(text: string): DnsName {
  return text === '' ? [] : text.split('.').map((label) => new TextEncoder().encode(label));
}

/** Lower-case text of each label; null when one is not plain ASCII that could be a host's. */
export function labelsOf(name: DnsName): string[] | null {
  const labels: string[] = [];
  for (const label of name) {
    let text = '';
    for (const byte of label) {
      const lower = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
      const plain =
        (lower >= 0x61 && lower <= 0x7a) || (lower >= 0x30 && lower <= 0x39) || lower === 0x2d || lower === 0x5f;
      if (!plain) return null;
      text += String.fromCharCode(lower);
    }
    labels.push(text);
  }
  return labels;
}
