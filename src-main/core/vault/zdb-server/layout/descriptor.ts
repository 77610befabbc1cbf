/*
 * `zdb-namespace`, what 0-db keeps of a namespace beside its data (specification 1.7):
 *   u32 version 1 | u8 name length | u8 password length | u64 maxsize | u8 flags | name | password
 * flags: 1 public, 2 worm, 4 always set; ours too: 8 locked, 16 frozen, which 0-db forgets at a restart and ignores here.
 *
 * Where 0-db has the password in clear, we put what a password can be checked against (passwords.ts), marked by its
 * beginning. A real 0-db that is started on our files takes that text for the password: nobody gets in by accident.
 */

export interface Descriptor {
  readonly name: string;
  /** As it stands in the file. Null: anybody may do anything. */
  readonly password: string | null;
  /** Bytes of payload that may be live; 0: no limit. */
  readonly maxsize: number;
  readonly isPublic: boolean;
  readonly worm: boolean;
  readonly lock: 'open' | 'locked' | 'frozen';
}

const headerBytes = 15;
const flag = { public: 1, worm: 2, always: 4, locked: 8, frozen: 16 } as const;

/** @throws RangeError when name or password are over 255 bytes */
export function encodeDescriptor(descriptor: Descriptor): Uint8Array {
  const name = Buffer.from(descriptor.name, 'latin1');
  const password = Buffer.from(descriptor.password ?? '', 'latin1');
  if (name.length > 255 || password.length > 255) throw new RangeError('name or password over 255 bytes');
  const bytes = new Uint8Array(headerBytes + name.length + password.length);
  const at = new DataView(bytes.buffer);
  at.setUint32(0, 1, true);
  at.setUint8(4, name.length);
  at.setUint8(5, password.length);
  at.setBigUint64(6, BigInt(descriptor.maxsize), true);
  at.setUint8(
    14,
    flag.always |
      (descriptor.isPublic ? flag.public : 0) |
      (descriptor.worm ? flag.worm : 0) |
      (descriptor.lock === 'locked' ? flag.locked : 0) |
      (descriptor.lock === 'frozen' ? flag.frozen : 0),
  );
  bytes.set(name, headerBytes);
  bytes.set(password, headerBytes + name.length);
  return bytes;
}

/** @returns null when these bytes are no descriptor. Bytes after it are ignored: 0-db rewrites in place. */
export function decodeDescriptor(bytes: Uint8Array): Descriptor | null {
  if (bytes.length < headerBytes) return null;
  const at = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const nameLength = at.getUint8(4);
  const passwordLength = at.getUint8(5);
  const maxsize = at.getBigUint64(6, true);
  if (at.getUint32(0, true) !== 1 || bytes.length < headerBytes + nameLength + passwordLength) return null;
  if (maxsize > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  const flags = at.getUint8(14);
  const text = (from: number, length: number): string =>
    Buffer.from(bytes.buffer, bytes.byteOffset + from, length).toString('latin1');
  return {
    name: text(headerBytes, nameLength),
    password: passwordLength === 0 ? null : text(headerBytes + nameLength, passwordLength),
    maxsize: Number(maxsize),
    isPublic: (flags & flag.public) !== 0,
    worm: (flags & flag.worm) !== 0,
    lock: flags & flag.frozen ? 'frozen' : flags & flag.locked ? 'locked' : 'open',
  };
}
