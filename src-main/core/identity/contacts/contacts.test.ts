import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallContext } from '#core/broker/handlers.ts';
import { fromBase64url, toHex } from '#core/crypto/encoding.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { contactsContract } from '#shared/contract/contacts.ts';
import type { ContactId } from '#shared/model/ids.ts';
import { devicePublicKeys } from '../device-keys.ts';
import { deriveKeySet } from '../person-keys.ts';
import { removedLifeMs } from './book.ts';
import { cardLink } from './card-link.ts';
import { createContacts } from './index.ts';
import { hostAt, makeSomeone, ownerOf, type Someone } from './testing/people.ts';

const now = Date.UTC(2026, 10, 23);
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function home(someone: Someone, at?: string) {
  const directory = at ?? (await mkdtemp(join(tmpdir(), 'hypha-contacts-')));
  if (at === undefined) cleanups.push(() => rm(directory, { recursive: true, force: true }));
  const host = hostAt(now);
  const owner = ownerOf(someone);
  const undone: { method: string; input: unknown }[] = [];
  const context: CallContext = {
    caller: { connection: 'c1', face: 'ui', name: 'test', person: true },
    signal: new AbortController().signal,
    undo: (method, input) => void undone.push({ method, input }),
  };
  const contacts = createContacts({ host, log: silentLog, emit: () => {}, directory, owner });
  await contacts.start();
  cleanups.push(() => contacts.stop());
  const call = async <N extends keyof typeof contactsContract>(name: N, input: unknown): Promise<OutputOfMethod<N>> => {
    const handler = contacts.handlers[name] as (input: unknown, context: CallContext) => unknown;
    const output = await handler(contactsContract[name].input.parse(input), context);
    return contactsContract[name].output.parse(output) as OutputOfMethod<N>;
  };
  return { directory, host, owner, contacts, call, undone };
}
type OutputOfMethod<N extends keyof typeof contactsContract> = ReturnType<
  (typeof contactsContract)[N]['output']['parse']
>;

const [anna, ben, eve] = [makeSomeone('Anna', 31), makeSomeone('Ben', 32), makeSomeone('Аnna', 33)];
const linkOf = (someone: Someone, at = now) => `hypha://contact/${someone.card(at).whole}`;
const shortLinkOf = (someone: Someone, at = now) => `hypha://contact/${someone.card(at).short}`;
const bytesOf = (someone: Someone) => fromBase64url(someone.card(now).whole) ?? new Uint8Array(0);
const meshOf = (someone: Someone, n = 0) => {
  const device = someone.devices[n];
  if (device === undefined) throw new Error('no device');
  return toHex(devicePublicKeys(device).mesh);
};

describe('contacts', () => {
  it('are added by a link, once', async () => {
    const { call, undone, contacts } = await home(anna);
    expect(await call('contacts.look', { card: linkOf(ben) })).toMatchObject({
      name: 'Ben',
      kind: 'whole',
      contact: null,
      devices: 1,
    });
    const { contact, outcome } = await call('contacts.add', { card: linkOf(ben) });
    expect(outcome).toBe('added');
    expect(contact).toMatchObject({
      person: ben.log().person,
      petname: 'Ben',
      label: 'ben',
      state: 'known',
      verifiedAt: null,
      devices: [{ meshKey: meshOf(ben), revokedAt: null }],
    });
    expect(undone).toEqual([{ method: 'contacts.remove', input: { contact: contact.id } }]);
    expect(await call('contacts.add', { card: linkOf(ben) })).toEqual({ contact, outcome: 'unchanged' });
    expect((await call('contacts.list', {})).contacts).toEqual([contact]);
    expect(contacts.names()).toEqual([{ contact: contact.id, label: 'ben', meshKeys: [meshOf(ben)], verified: false }]);
    await expect(call('contacts.add', { card: linkOf(anna) })).rejects.toMatchObject({ code: 'CARD_OWN' });
    await expect(call('contacts.add', { card: 'hypha://contact/AAAA' })).rejects.toMatchObject({
      code: 'CARD_INVALID',
    });
    await expect(call('contacts.add', { card: linkOf(eve, now - 4e10) })).rejects.toMatchObject({
      code: 'CARD_EXPIRED',
    });
  });

  it('show each other the same safety number, and are marked when it was that one', async () => {
    const [a, b] = [await home(anna), await home(ben)];
    const { contact: her } = await a.call('contacts.add', { card: (await b.call('contacts.myCard', {})).link });
    const { contact: him } = await b.call('contacts.add', { card: (await a.call('contacts.myCard', {})).link });
    const { number } = await a.call('contacts.safety', { contact: her.id });
    expect(await b.call('contacts.safety', { contact: him.id })).toEqual({ number });
    const wrong = ['00000', ...number.slice(1)].join(' ');
    await expect(a.call('contacts.verify', { contact: her.id, number: wrong })).rejects.toMatchObject({
      code: 'NUMBER_DIFFERS',
    });
    expect(await a.call('contacts.verify', { contact: her.id, number: number.join(' ') })).toMatchObject({
      verifiedAt: now,
    });
    // Told before anybody is asked, too: who is asked may say yes.
    const check = (input: string) => () => a.contacts.checks['contacts.verify']?.({ contact: her.id, number: input });
    expect(check(wrong)).toThrow(expect.objectContaining({ code: 'NUMBER_DIFFERS' }));
    expect(check('')).toThrow(expect.objectContaining({ code: 'NUMBER_DIFFERS' }));
    expect(check(number.join(''))).not.toThrow();
    expect(a.undone.at(-1)).toEqual({ method: 'contacts.unverify', input: { contact: her.id } });
    expect(await a.call('contacts.unverify', { contact: her.id })).toMatchObject({ verifiedAt: null });
  });

  it('have names that nobody could mix up', async () => {
    const { call, undone } = await home(ben);
    const first = (await call('contacts.add', { card: linkOf(anna) })).contact;
    expect(await call('contacts.look', { card: linkOf(eve) })).toMatchObject({ looksLike: 'Anna' });
    const second = (await call('contacts.add', { card: linkOf(eve) })).contact;
    expect([second.petname, second.label]).toEqual(['Аnna (2)', 'xn--nna-2-3ve']);
    const taken = { code: 'NAME_TAKEN' };
    await expect(call('contacts.rename', { contact: second.id, petname: 'ANNA' })).rejects.toMatchObject(taken);
    for (const label of ['anna', 'me'])
      await expect(call('contacts.rename', { contact: second.id, petname: 'Eve', label })).rejects.toMatchObject(taken);
    expect(await call('contacts.rename', { contact: second.id, petname: 'Eve' })).toMatchObject({
      petname: 'Eve',
      label: 'eve',
    });
    expect(undone.at(-1)).toEqual({
      method: 'contacts.rename',
      input: { contact: second.id, petname: 'Аnna (2)', label: second.label },
    });
    expect(await call('contacts.rename', { contact: first.id, petname: 'Anna', label: 'boss' })).toMatchObject({
      label: 'boss',
    });
  });

  it('learn of new devices and of revoked ones, and forget no revocation', async () => {
    const carl = makeSomeone('Carl', 34);
    const { call, contacts, host } = await home(anna);
    const { contact } = await call('contacts.add', { card: linkOf(carl) });
    expect(contacts.notices()).toEqual([]);
    const withoutPhone = linkOf(carl, now + 3);
    const phone = carl.addDevice();
    expect(contacts.take(fromBase64url(carl.card(now + 1).whole) ?? new Uint8Array(0))).toBe('updated');
    expect(contacts.peers()).toEqual([
      { contact: contact.id, meshKeys: [meshOf(carl), meshOf(carl, 1)], blocked: false },
    ]);
    // Whoever has his keys could have added it: he is asked.
    expect(contacts.notices()).toMatchObject([{ code: 'CONTACT_DEVICES_NEW' }]);
    expect(contacts.notices()[0]?.text).toMatch(/^Carl added a device in the last days\./);
    carl.revoke(phone);
    const { outcome, contact: after } = await call('contacts.add', { card: linkOf(carl, now + 2) });
    expect([outcome, after.devices.map(({ revokedAt }) => revokedAt)]).toEqual(['updated', [null, 2000]]);
    expect(after.devices.map(({ seenAt }) => seenAt)).toEqual([null, now]);
    expect(contacts.notices()).toEqual([]);
    expect(contacts.peers()).toEqual([{ contact: contact.id, meshKeys: [meshOf(carl)], blocked: false }]);
    // A card that knows of neither, made later by another device of his: the devices stay as they are known.
    const late = await call('contacts.add', { card: withoutPhone });
    expect([late.outcome, late.contact.devices]).toEqual(['updated', after.devices]);
    expect(contacts.take(fromBase64url(eve.card(now).whole) ?? new Uint8Array(0))).toBe('stranger');
    expect(contacts.take(new Uint8Array(9))).toBe('refused');
    carl.addDevice();
    expect(contacts.take(fromBase64url(carl.card(now + 4).whole) ?? new Uint8Array(0))).toBe('updated');
    expect(contacts.notices()).toHaveLength(1);
    host.advance(7 * 24 * 3_600_000);
    expect(contacts.notices()).toEqual([]);
  });

  it('with two histories of their keys are not believed the second', async () => {
    const dora = makeSomeone('Dora', 35);
    const { call } = await home(anna);
    const next = deriveKeySet(dora.entropy, 1);
    const card = (entries: readonly (typeof dora.entries)[number][], sequence: number, keys = next) =>
      cardLink(dora.cardOver(entries, sequence, keys));
    const plain = dora.entries;
    const { contact } = await call('contacts.add', { card: card([...plain, dora.rotation()], 10) });
    const other = card([...plain, dora.rotation(1)], 11);
    await expect(call('contacts.add', { card: other })).rejects.toMatchObject({
      code: 'CARD_FORKED',
      meaning: expect.stringContaining('refused'),
    });
    const [seen] = (await call('contacts.list', {})).contacts;
    expect(seen).toEqual({ ...contact, forkSeenAt: now });
    // An old card from before the rotation is just old; a new one made with the old keys is not.
    expect((await call('contacts.add', { card: card(plain, 9, dora.keys.current) })).outcome).toBe('unchanged');
    await expect(call('contacts.add', { card: card(plain, 12, dora.keys.current) })).rejects.toMatchObject({
      code: 'CARD_FORKED',
    });
  });

  it('wait for the whole card when only the short one came, and let nobody in until then', async () => {
    const { call, contacts } = await home(anna);
    let told = 0;
    contacts.onChange(() => told++);
    const { contact } = await call('contacts.add', { card: shortLinkOf(ben) });
    // Whoever asks for cards is told that there is one to ask for, now and not with the next unlock.
    expect(told).toBe(1);
    expect(contact).toMatchObject({ state: 'waiting', devices: [{ id: null, meshKey: meshOf(ben) }] });
    expect([contacts.peers(), contacts.names()]).toEqual([[], []]);
    expect(contacts.waiting()).toEqual([{ contact: contact.id, person: ben.log().person, meshKeys: [meshOf(ben)] }]);
    for (const method of ['contacts.safety', 'contacts.verify'] as const)
      await expect(call(method, { contact: contact.id, number: '' })).rejects.toMatchObject({
        code: 'CONTACT_WAITING',
      });
    expect(contacts.take(fromBase64url(ben.card(now).whole) ?? new Uint8Array(0))).toBe('updated');
    expect(contacts.peers()).toHaveLength(1);
    expect(contacts.waiting()).toEqual([]);
    expect((await call('contacts.add', { card: shortLinkOf(ben, now + 5) })).outcome).toBe('unchanged');
  });

  it('are removed and put back as they were; after thirty days they are gone', async () => {
    const { call, contacts, undone, owner, host } = await home(anna);
    const { contact } = await call('contacts.add', { card: linkOf(ben), petname: 'Benny' });
    const { number } = await call('contacts.safety', { contact: contact.id });
    const verified = await call('contacts.verify', { contact: contact.id, number: number.join('') });
    await call('contacts.remove', { contact: contact.id });
    expect(undone.at(-1)).toEqual({ method: 'contacts.restore', input: { contact: contact.id } });
    expect([(await call('contacts.list', {})).contacts, contacts.peers(), contacts.names()]).toEqual([[], [], []]);
    expect((await call('contacts.list', { removed: true })).contacts).toMatchObject([
      { id: contact.id, removedAt: now },
    ]);
    expect(await call('contacts.restore', { contact: contact.id })).toEqual(verified);
    await call('contacts.remove', { contact: contact.id });
    expect(await call('contacts.add', { card: linkOf(ben) })).toEqual({ contact: verified, outcome: 'back' });
    await call('contacts.remove', { contact: contact.id });
    host.setNow(now + removedLifeMs + 1);
    owner.change(false);
    owner.change(true);
    await expect(call('contacts.restore', { contact: contact.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('that are blocked stay out, with every device they ever had', async () => {
    const { call, contacts, undone } = await home(anna);
    const { contact } = await call('contacts.add', { card: linkOf(ben) });
    await call('contacts.block', { contact: contact.id });
    expect(undone.at(-1)?.method).toBe('contacts.unblock');
    expect(contacts.peers()).toEqual([{ contact: contact.id, meshKeys: [meshOf(ben)], blocked: true }]);
    expect(contacts.names()).toEqual([]);
    expect(await call('contacts.unblock', { contact: contact.id })).toMatchObject({ blocked: false });
  });

  it('are sealed while locked but for whose mesh key is whose, and survive a restart', async () => {
    const one = await home(anna);
    const { contact } = await one.call('contacts.add', { card: linkOf(ben), petname: 'Geheimrat' });
    const mine = await one.call('contacts.myCard', {});
    one.owner.change(false);
    const locked = { code: 'LOCKED' };
    await expect(one.call('contacts.list', {})).rejects.toMatchObject(locked);
    await expect(one.call('contacts.remove', { contact: contact.id })).rejects.toMatchObject(locked);
    expect(one.contacts.take(fromBase64url(ben.card(now).whole) ?? new Uint8Array(0))).toBe('later');
    // Programs go on finding the name; the card may still be handed out.
    expect(one.contacts.names()).toHaveLength(1);
    expect(await one.call('contacts.myCard', {})).toEqual(mine);
    expect(one.contacts.myCard()).not.toBeNull();
    await one.contacts.stop();

    const db = new DatabaseSync(join(one.directory, 'contacts.db'), { readOnly: true });
    const bytes = db
      .prepare('SELECT sealed AS b FROM contact UNION ALL SELECT value FROM plain WHERE name = ?')
      .all('peers');
    db.close();
    const text = bytes.map(({ b }) => Buffer.from(b as Uint8Array).toString('latin1')).join('');
    expect(text).toContain(meshOf(ben));
    for (const secret of ['Geheimrat', 'geheimrat', 'Ben', ben.log().person]) expect(text).not.toContain(secret);

    const two = await home(anna, one.directory);
    two.owner.change(false);
    expect(two.contacts.peers()).toEqual([{ contact: contact.id, meshKeys: [meshOf(ben)], blocked: false }]);
    two.owner.change(true);
    expect((await two.call('contacts.list', {})).contacts).toEqual([contact]);
    await two.contacts.stop();
    // Another device's keys do not believe the table, and another person's do not open the records.
    const three = await home(eve, one.directory);
    expect(three.contacts.peers()).toEqual([]);
    expect(three.contacts.notices()).toMatchObject([{ code: 'CONTACTS_UNREADABLE' }]);
  });

  it('are not those of a changed table: nobody passes until the next unlock', async () => {
    const one = await home(anna);
    await one.call('contacts.add', { card: linkOf(ben) });
    await one.contacts.stop();
    const db = new DatabaseSync(join(one.directory, 'contacts.db'));
    const row = db.prepare('SELECT value FROM plain WHERE name = ?').get('peers');
    const changed = Buffer.from(row?.value as Uint8Array)
      .toString()
      .replace(meshOf(ben), meshOf(eve));
    db.prepare('UPDATE plain SET value = ? WHERE name = ?').run(Buffer.from(changed), 'peers');
    db.close();
    const owner = ownerOf(anna);
    owner.unlocked = false;
    const contacts = createContacts({
      host: hostAt(now),
      log: silentLog,
      emit: () => {},
      directory: one.directory,
      owner,
    });
    await contacts.start();
    cleanups.push(() => contacts.stop());
    expect(contacts.peers()).toEqual([]);
    owner.change(true);
    expect(contacts.peers()).toMatchObject([{ meshKeys: [meshOf(ben)] }]);
  });

  it('are asked for their card once a day, and so are the person’s other devices, also while locked', async () => {
    const carol = makeSomeone('Carol', 36);
    carol.addDevice();
    const { call, contacts, host, owner } = await home(carol);
    const other = { contact: meshOf(carol, 1), person: carol.log().person, meshKeys: [meshOf(carol, 1)] };
    const { contact } = await call('contacts.add', { card: linkOf(ben) });
    const known = { contact: contact.id, person: ben.log().person, meshKeys: [meshOf(ben)] };
    expect(contacts.waiting()).toEqual([other, known]);
    expect(contacts.take(bytesOf(ben))).toBe('unchanged');
    expect(contacts.waiting()).toEqual([other]);
    host.setNow(now + 24 * 3_600_000);
    expect(contacts.waiting()).toEqual([other, known]);
    owner.change(false);
    expect(contacts.waiting()).toEqual([other]);
    const more = makeSomeone('Carol', 36);
    more.addDevice();
    expect(contacts.take(bytesOf(more))).toBe('unchanged');
    expect(owner.merged).toEqual([]);
    host.setNow(now + 48 * 3_600_000);
    const second = more.devices[1];
    if (second !== undefined) more.revoke(second);
    expect(contacts.take(bytesOf(more))).toBe('updated');
    expect(owner.merged).toEqual([more.entries]);
  });

  it('are found by the label too, and undone by what does not change', async () => {
    const { call, undone } = await home(anna);
    const { contact } = await call('contacts.add', { card: linkOf(ben) });
    expect(await call('contacts.rename', { contact: 'ben', petname: 'Benjamin' })).toMatchObject({
      id: contact.id,
      label: 'benjamin',
    });
    await call('contacts.block', { contact: 'benjamin' });
    await call('contacts.remove', { contact: 'benjamin' });
    expect(undone.slice(1).map(({ input }) => (input as { contact: string }).contact)).toEqual([
      contact.id,
      contact.id,
      contact.id,
    ]);
    expect(await call('contacts.restore', { contact: 'benjamin' })).toMatchObject({ id: contact.id });
  });

  it('knows no contact that is not there', async () => {
    const { call } = await home(anna);
    const contact = 'nobody' as ContactId;
    for (const method of ['contacts.remove', 'contacts.block', 'contacts.safety', 'contacts.restore'] as const)
      await expect(call(method, { contact })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
