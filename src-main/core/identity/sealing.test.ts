import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { utf8 } from '#core/crypto/bytes.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { xwingEncapsulate } from '#core/crypto/kem.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { type Contacts, createContacts } from './contacts/index.ts';
import { hostAt, makeSomeone, ownerOf } from './contacts/testing/people.ts';
import { devicePublicKeys } from './device-keys.ts';
import { deriveKeySet } from './person-keys.ts';
import { createSealing, hybridSignatureBytes, signHybrid, verifyHybrid } from './sealing.ts';

const [ann, ben] = [makeSomeone('Ann', 1), makeSomeone('Ben', 2)];
const host = hostAt(1_000_000);

let home = '';
let contacts: Contacts;
let owner: ReturnType<typeof ownerOf>;
let seal: ReturnType<typeof createSealing>;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hypha-sealing-'));
  owner = ownerOf(ann);
  contacts = createContacts({ host, log: silentLog, emit() {}, directory: home, owner });
  await contacts.start();
  seal = createSealing('test', { ...owner, isUnlocked: () => owner.unlocked } as never, contacts);
});
afterEach(async () => {
  await contacts.stop();
  await rm(home, { recursive: true, force: true });
});

const add = (card: Uint8Array): string => {
  contacts.take(card);
  const link = `hypha://contact/${Buffer.from(card).toString('base64url')}`;
  const added = contacts.handlers['contacts.add']({ card: link } as never, { undo() {} } as never);
  return (added as { contact: { id: string } }).contact.id;
};

describe('what is sealed and signed between people', () => {
  it('uses the keys that their key log has in force', () => {
    const id = add(ben.cardOver(ben.entries, 1));
    const keys = seal.keys(id);
    expect(keys).toMatchObject({ person: ben.log().person, epoch: 0 });
    const [device] = ben.devices;
    expect(keys?.devices).toEqual(device ? [devicePublicKeys(device).mesh] : []);
    // What is sealed to them opens with theirs.
    expect(equalBytes(keys?.kem ?? utf8(''), ben.keys.current.public.kem)).toBe(true);
    const signature = signHybrid('test', utf8('hello'), ben.keys.current);
    expect(signature.length).toBe(hybridSignatureBytes);
    expect(keys?.verify(utf8('hello'), signature)).toBe(true);
    expect(keys?.verify(utf8('hullo'), signature)).toBe(false);
    expect(keys?.verify(utf8('hello'), signHybrid('other', utf8('hello'), ben.keys.current))).toBe(false);
    expect(keys?.verify(utf8('hello'), signHybrid('test', utf8('hello'), ann.keys.current))).toBe(false);
    expect(seal.find('Ben')).toBe(id);
    expect(seal.find(`@${id}`)).toBe(id);
    expect(seal.ofDevice(keys?.devices[0] ?? utf8(''))).toBe(id);
    expect(seal.about(id)).toEqual({ name: 'Ben', verified: false, state: 'known' });
  });

  it('needs both signatures', () => {
    const bytes = utf8('both');
    const signature = signHybrid('test', bytes, ann.keys.current);
    for (const at of [0, 63, 64, signature.length - 1]) {
      const other = signature.slice();
      other[at] = (other[at] ?? 0) ^ 1;
      expect(verifyHybrid('test', bytes, other, ann.keys.current.public), `${at}`).toBe(false);
    }
    expect(verifyHybrid('test', bytes, signature.subarray(1), ann.keys.current.public)).toBe(false);
  });

  it('follows a rotation, and says so by the epoch', () => {
    const id = add(ben.cardOver(ben.entries, 1));
    const after = deriveKeySet(ben.entropy, 1);
    add(ben.cardOver([...ben.entries, ben.rotation()], 2, after));
    expect(seal.keys(id)).toMatchObject({ epoch: 1 });
    expect(equalBytes(seal.keys(id)?.kem ?? utf8(''), after.public.kem)).toBe(true);
  });

  it('opens what was sealed to the person, while unlocked only', () => {
    const id = add(ben.cardOver(ben.entries, 1));
    const made = xwingEncapsulate(ann.keys.current.public.kem, new Uint8Array(64).fill(4));
    expect(equalBytes(seal.self()?.open(made?.ciphertext ?? utf8('')) ?? utf8(''), made?.secret ?? utf8('x'))).toBe(
      true,
    );
    owner.change(false);
    expect(seal.self()).toBeNull();
    expect(seal.keys(id)).toBeNull();
    expect(seal.about(id)).toEqual({ name: null, verified: false, state: 'known' });
  });
});
