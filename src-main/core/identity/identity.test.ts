import { cp, mkdir, mkdtemp, readdir, readFile, rm, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import nacl from 'tweetnacl';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { CallContext } from '#core/broker/handlers.ts';
import { fromBase64url, fromHex } from '#core/crypto/encoding.ts';
import { phraseFromEntropy } from '#core/crypto/phrase.ts';
import { createFakeHost, createFakeKeyring, type FakeHost, type FakeHostOptions } from '#core/testing/fake-host.ts';
import { hex } from '#core/testing/hex.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { identityContract } from '#shared/contract/identity.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';
import { createIdentity, type Identity, verifyCard, verifyFor } from './index.ts';
import { verifyKeyLog } from './key-log.ts';

const passphrase = 'correct horse battery';
const minute = 60_000;
/** Real Argon2id at its least: 64 MiB, one pass. */
const calibrate = async () => ({ passes: 1, memoryKiB: 64 * 1024 });
const vector = {
  entropy: hex('3e141609b97933b66a060dcddc71fad1d91677db872031e85f4c015c5e7e8982'),
  person: 'hy1fvjkgjbb66jalsuytysonnmxx5yznf3go3c6ndy4r5bmzpvsczmq',
};
const words = phraseFromEntropy(vector.entropy);
const otherWords = phraseFromEntropy(new Uint8Array(32).fill(5));

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function newDirectory(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'hypha-identity-'));
  cleanups.push(() => rm(home, { recursive: true, force: true }));
  return join(home, 'identity');
}

interface World {
  directory: string;
  host: FakeHost;
  identity: Identity;
  events: number;
  undone: { method: string; input: unknown }[];
  context: CallContext;
  restart(options?: FakeHostOptions): Promise<World>;
}

async function world(options: FakeHostOptions = {}, at?: string): Promise<World> {
  const directory = at ?? (await newDirectory());
  const host = createFakeHost({ seed: 7, ...options });
  const undone: World['undone'] = [];
  const self: World = {
    directory,
    host,
    identity: createIdentity({
      host,
      log: silentLog,
      emit: (event) => {
        expect(event).toEqual({ topic: 'identity', ids: [] });
        self.events++;
      },
      directory,
      deviceName: 'test bench',
      calibrate,
    }),
    events: 0,
    undone,
    context: {
      caller: { connection: 'c1', face: 'ui', name: 'test', person: true },
      signal: new AbortController().signal,
      undo: (method, input) => void undone.push({ method, input }),
    },
    async restart(next = {}) {
      await self.identity.stop();
      return world({ now: self.host.now(), keyring: self.host.keyring, ...next }, directory);
    },
  };
  await self.identity.start();
  cleanups.push(() => self.identity.stop());
  return self;
}

async function restored(options: FakeHostOptions = {}): Promise<World> {
  const made = await world(options);
  await made.identity.handlers['identity.restore']({ words, name: 'Ada', passphrase }, made.context);
  return made;
}

/** The files of a restored identity, made once: stretching a passphrase is the slow part of these tests. */
let template: Promise<string> | null = null;
afterAll(async () => {
  if (template !== null) await rm(await template, { recursive: true, force: true });
});

/** Ada's agent after a start, not unlocked yet. */
async function locked(): Promise<World> {
  template ??= (async () => {
    const { directory, identity } = await restored();
    const kept = await mkdtemp(join(tmpdir(), 'hypha-identity-template-'));
    await cp(directory, kept, { recursive: true });
    await identity.stop();
    return kept;
  })();
  const directory = await newDirectory();
  await cp(await template, directory, { recursive: true });
  return world({ seed: 8 }, directory);
}

/** Call a handler; its answer must have the contract's shape and its failures the contract's codes. */
async function call<M extends keyof typeof identityContract>(
  { identity, context }: World,
  method: M,
  input: Parameters<Identity['handlers'][M]>[0],
): Promise<Awaited<ReturnType<Identity['handlers'][M]>>> {
  const spec = identityContract[method];
  try {
    const handler = identity.handlers[method] as (i: unknown, c: CallContext) => unknown;
    const answer = await handler(spec.input.parse(input), context);
    return spec.output.parse(answer) as Awaited<ReturnType<Identity['handlers'][M]>>;
  } catch (error) {
    const { code, message, next } = error as { code?: string; message: string; next?: string };
    const listed: readonly string[] = [...spec.errors, 'LOCKED'];
    expect(listed, `${method}: ${message}`).toContain(code);
    expect(next, `${method} ${code} says what to do`).toBeTruthy();
    throw error;
  }
}

describe('a new identity', () => {
  it('begins with nothing', async () => {
    const w = await world();
    expect(await call(w, 'identity.status', {})).toMatchObject({
      state: 'none',
      person: null,
      device: null,
      retryAt: null,
    });
    for (const method of ['identity.lock', 'identity.devices', 'identity.card'] as const) {
      await expect(call(w, method, {})).rejects.toMatchObject({ code: 'NO_IDENTITY' });
    }
    await expect(call(w, 'identity.unlock', { passphrase })).rejects.toMatchObject({ code: 'NO_IDENTITY' });
    expect(w.identity.person()).toBeNull();
    expect(w.identity.deviceKeys()).toBeNull();
  });

  it('is made from a draft, checking three words', async () => {
    const w = await world();
    const draft = await call(w, 'identity.draft', {});
    const answers = draft.check.map((index) => ({ index, word: draft.words[index] ?? '' }));
    const input = { draft: draft.draft, name: ' Ada ', passphrase };
    const wrong = answers.with(1, { index: answers[1]?.index ?? 0, word: 'zoo' });
    await expect(call(w, 'identity.create', { ...input, answers: wrong })).rejects.toMatchObject({
      code: 'WORDS_WRONG',
    });
    const elsewhere = [0, 1, 2, 3, 4, 5].filter((index) => !draft.check.includes(index)).slice(0, 3);
    const unasked = elsewhere.map((index) => ({ index, word: draft.words[index] ?? '' }));
    await expect(call(w, 'identity.create', { ...input, answers: unasked })).rejects.toMatchObject({
      code: 'WORDS_WRONG',
    });

    const status = await call(w, 'identity.create', { ...input, answers });
    expect(status).toMatchObject({
      state: 'unlocked',
      person: { name: 'Ada', phraseConfirmed: true, createdAt: w.host.now() },
      device: { name: 'test bench', current: true, revokedAt: null },
      worksWhileLocked: ['machines'],
      autoLockMinutes: 15,
      secondFactor: { state: 'unavailable' },
    });
    expect(w.events).toBeGreaterThan(0);
    // The words are gone, and there is no second identity.
    await expect(call(w, 'identity.draft', {})).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await expect(call(w, 'identity.create', input)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    expect(await call(w, 'identity.revealPhrase', { passphrase })).toMatchObject({ words: draft.words });
  });

  it('may be made before the words are confirmed', async () => {
    const w = await world();
    const { draft, words: shown } = await call(w, 'identity.draft', {});
    await call(w, 'identity.create', { draft, name: 'Ada', passphrase });
    expect((await call(w, 'identity.status', {})).person?.phraseConfirmed).toBe(false);
    const answer = (index: number, word = shown[index] ?? '') => ({ index, word });
    for (const answers of [
      [answer(1), answer(2), answer(3, 'zoo')],
      [answer(1), answer(1), answer(1)],
    ]) {
      await expect(call(w, 'identity.confirmPhrase', { answers })).rejects.toMatchObject({ code: 'WORDS_WRONG' });
    }
    const answers = [answer(23), answer(0), answer(7)];
    expect((await call(w, 'identity.confirmPhrase', { answers })).person?.phraseConfirmed).toBe(true);
    const again = await w.restart();
    expect((await call(again, 'identity.status', {})).person?.phraseConfirmed).toBe(true);
    await expect(call(again, 'identity.confirmPhrase', { answers })).rejects.toMatchObject({ code: 'LOCKED' });
  });

  it('shows the words again that were shown before, for half an hour', async () => {
    const w = await world();
    const first = await call(w, 'identity.draft', {});
    expect(await call(w, 'identity.draft', { draft: first.draft })).toEqual(first);
    w.host.advance(30 * minute);
    const other = await call(w, 'identity.draft', { draft: first.draft });
    expect(other.draft).not.toBe(first.draft);
    expect(other.words).not.toEqual(first.words);
  });

  it('is not made from words shown more than half an hour ago', async () => {
    const w = await world();
    const { draft } = await call(w, 'identity.draft', {});
    w.host.advance(30 * minute);
    await expect(call(w, 'identity.create', { draft, name: 'Ada', passphrase })).rejects.toMatchObject({
      code: 'DRAFT_EXPIRED',
    });
    expect(await readdir(w.directory)).toEqual([]);
  });

  it('is one even when created twice at once', async () => {
    const w = await world();
    const { draft } = await call(w, 'identity.draft', {});
    const made = await Promise.allSettled([
      call(w, 'identity.create', { draft, name: 'Ada', passphrase }),
      call(w, 'identity.create', { draft, name: 'Eve', passphrase }),
    ]);
    expect(made.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(w.identity.person()?.name).toBe('Ada');
  });
});

describe('the phrase', () => {
  it('restores the same person everywhere, each device with keys of its own', async () => {
    const [one, two] = [await restored({ seed: 1 }), await restored({ seed: 2 })];
    expect(one.identity.person()).toEqual(two.identity.person());
    expect(one.identity.person()?.id).toBe(vector.person);
    expect(one.identity.personKeys()).toEqual(two.identity.personKeys());
    expect(one.identity.wallet(0)?.address).toBe('0x9c436019df553f9DD59968005164D1D31aDa8D5D');
    const [a, b] = [one.identity.deviceKeys(), two.identity.deviceKeys()];
    expect(a?.id).not.toBe(b?.id);
    // What each certified apart joins into one log of one person with two devices.
    const [cardA, cardB] = [await call(one, 'identity.card', {}), await call(two, 'identity.card', {})];
    const joined = verifyKeyLog([...cardA.log, ...cardB.log.slice(1)]);
    expect(joined).toMatchObject({ ok: true, log: { person: vector.person } });
    expect(joined.ok && new Set(joined.log.devices.map(({ id }) => id))).toEqual(new Set([a?.id, b?.id]));
  });

  it('of another person is refused by name, and changes nothing', async () => {
    const w = await locked();
    const files = await snapshot(w.directory);
    const attempt = call(w, 'identity.restore', { words: otherWords, name: 'Eve', passphrase: 'another one' });
    await expect(attempt).rejects.toMatchObject({ code: 'PHRASE_OF_ANOTHER', message: expect.stringContaining('Ada') });
    expect(await snapshot(w.directory)).toEqual(files);
  });

  it('of the same person sets a new passphrase and keeps the device', async () => {
    const w = await locked();
    const device = w.identity.deviceKeys()?.id;
    const again = await w.restart();
    expect(
      await call(again, 'identity.restore', { words, name: 'Ada L.', passphrase: 'a new passphrase' }),
    ).toMatchObject({
      state: 'unlocked',
      person: { id: vector.person, name: 'Ada L.' },
      device: { id: device },
    });
    expect((await call(again, 'identity.devices', {})).devices).toHaveLength(1);
    await expect(call(again, 'identity.unlock', { passphrase })).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' });
    await call(again, 'identity.unlock', { passphrase: 'a new passphrase' });
  });

  it('is refused with the place of the mistake', async () => {
    const w = await world();
    const input = { name: 'Ada', passphrase };
    const misspelt = call(w, 'identity.restore', { ...input, words: words.with(4, 'swampy') });
    await expect(misspelt).rejects.toMatchObject({
      code: 'BAD_PHRASE',
      message: 'Word 5 is not in the list of recovery words.',
    });
    const swapped = call(w, 'identity.restore', {
      ...input,
      words: words.with(0, words[1] ?? '').with(1, words[0] ?? ''),
    });
    await expect(swapped).rejects.toMatchObject({
      code: 'BAD_PHRASE',
      message: expect.stringContaining('changed places'),
    });
    // Capitals and spaces are forgiven by the contract.
    await call(w, 'identity.restore', { ...input, words: words.map((word) => ` ${word.toUpperCase()} `) });
  });
});

describe('locking', () => {
  it('forgets person keys and keeps device keys, also after a restart', async () => {
    const w = await restored();
    const { vaultRoot } = w.identity.personKeys() ?? { vaultRoot: new Uint8Array(0) };
    expect(vaultRoot).toHaveLength(32);
    const device = w.identity.deviceKeys();
    let wiped = false;
    w.identity.onChange(() => {
      wiped = w.identity.personKeys() === null && vaultRoot.every((byte) => byte === 0);
    });
    expect((await call(w, 'identity.lock', {})).state).toBe('locked');
    expect(wiped).toBe(true);
    expect(w.identity.deviceKeys()).toEqual(device);
    expect(() => w.identity.sign('test', vaultRoot)).toThrow(expect.objectContaining({ code: 'LOCKED' }));
    expect(w.identity.wallet(0)).toBeNull();
    await expect(call(w, 'identity.card', {})).rejects.toMatchObject({ code: 'LOCKED' });
    const kept = structuredClone(device);
    const again = await w.restart();
    expect(await call(again, 'identity.status', {})).toMatchObject({
      state: 'locked',
      person: { id: vector.person },
      device: { id: kept?.id },
      worksWhileLocked: ['machines'],
    });
    expect(again.identity.deviceKeys()).toEqual(kept);
    expect((await call(again, 'identity.unlock', { passphrase })).state).toBe('unlocked');
    expect(again.undone).toEqual([{ method: 'identity.lock', input: {} }]);
  });

  it('happens by itself after the time without use', async () => {
    const w = await restored();
    expect((await call(w, 'identity.setAutoLock', { minutes: 5 })).autoLockMinutes).toBe(5);
    expect(w.undone.at(-1)).toEqual({ method: 'identity.setAutoLock', input: { minutes: 15 } });
    w.host.advance(4 * minute);
    w.identity.touch();
    w.host.advance(4 * minute);
    expect(w.identity.isUnlocked()).toBe(true);
    const { events } = w;
    w.host.advance(minute);
    expect(w.identity.isUnlocked()).toBe(false);
    expect(w.events).toBe(events + 1);
    await expect(call(w, 'identity.setAutoLock', { minutes: 0 })).rejects.toMatchObject({ code: 'LOCKED' });
  });

  it('does not outlast a sleep', async () => {
    const w = await restored();
    w.host.setNow(w.host.now() + 60 * minute);
    expect((await call(w, 'identity.status', {})).state).toBe('locked');
  });
});

describe('wrong passphrases', () => {
  it('are counted across restarts and slowed down', async () => {
    let w = await locked();
    const wrong = () => call(w, 'identity.unlock', { passphrase: 'not this one' });
    for (let i = 0; i < 3; i++) await expect(wrong()).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' });
    expect((await call(w, 'identity.status', {})).retryAt).toBeNull();
    w = await w.restart();
    await expect(wrong()).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' });
    const retryAt = w.host.now() + 30_000;
    await expect(wrong()).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE', data: { retryAt } });
    w = await w.restart();
    // Whatever asks for the passphrase waits, the right one too, and nothing is tried meanwhile.
    await expect(call(w, 'identity.unlock', { passphrase })).rejects.toMatchObject({
      code: 'TOO_MANY_TRIES',
      data: { retryAt },
    });
    await expect(call(w, 'identity.revealPhrase', { passphrase })).rejects.toMatchObject({ code: 'TOO_MANY_TRIES' });
    expect((await call(w, 'identity.status', {})).retryAt).toBe(retryAt);
    w.host.advance(30_000);
    await call(w, 'identity.unlock', { passphrase });
    expect((await call(w, 'identity.status', {})).retryAt).toBeNull();
    await expect(wrong()).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' });
    expect((await call(w, 'identity.status', {})).state).toBe('unlocked');
  });

  it('do not slip past the limit when tried at once', async () => {
    const w = await locked();
    const codes = await Promise.all(
      Array.from({ length: 8 }, () => call(w, 'identity.unlock', { passphrase: 'not this one' }).catch((e) => e.code)),
    );
    expect(codes.filter((code) => code === 'WRONG_PASSPHRASE')).toHaveLength(5);
    expect(codes.filter((code) => code === 'TOO_MANY_TRIES')).toHaveLength(3);
  });

  it('yield to the words', async () => {
    const w = await locked();
    for (let i = 0; i < 5; i++) await call(w, 'identity.unlock', { passphrase: 'not this one' }).catch(() => {});
    await call(w, 'identity.restore', { words, name: 'Ada', passphrase: 'a new passphrase' });
    expect((await call(w, 'identity.status', {})).retryAt).toBeNull();
  });
});

describe('changes', () => {
  it('of the passphrase leave the old one useless, in the copy too', async () => {
    let w = await restored();
    const keys = structuredClone(w.identity.personKeys());
    const attempt = call(w, 'identity.changePassphrase', { current: 'not this one', passphrase: 'a new passphrase' });
    await expect(attempt).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' });
    await call(w, 'identity.changePassphrase', { current: passphrase, passphrase: 'a new passphrase' });
    expect((await call(w, 'identity.status', {})).state).toBe('unlocked');
    await unlink(join(w.directory, 'keystore.bin'));
    w = await w.restart();
    await expect(call(w, 'identity.unlock', { passphrase })).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' });
    await call(w, 'identity.unlock', { passphrase: 'a new passphrase' });
    expect(w.identity.personKeys()).toEqual(keys);
  });

  it('of the name are kept and can be undone', async () => {
    let w = await restored();
    expect((await call(w, 'identity.rename', { name: 'Ada Lovelace' })).person?.name).toBe('Ada Lovelace');
    expect(w.undone).toContainEqual({ method: 'identity.rename', input: { name: 'Ada' } });
    w = await w.restart();
    expect(w.identity.person()?.name).toBe('Ada Lovelace');
  });
});

describe('the second factor', () => {
  it('is refused in plain words where there is no keyring', async () => {
    const w = await restored({ keyringDetail: 'This system offers basic_text only.' });
    const attempt = call(w, 'identity.setSecondFactor', { on: true, passphrase });
    await expect(attempt).rejects.toMatchObject({
      code: 'SECOND_FACTOR_UNAVAILABLE',
      message: expect.stringContaining('basic_text'),
    });
  });

  it('is asked for once it is on, and can be turned off', async () => {
    const keyring = createFakeKeyring();
    let w = await restored({ keyring, keyringDetail: 'Test keyring' });
    expect((await call(w, 'identity.status', {})).secondFactor).toEqual({ state: 'off', detail: 'Test keyring' });
    const wrong = call(w, 'identity.setSecondFactor', { on: true, passphrase: 'not this one' });
    await expect(wrong).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' });
    expect((await call(w, 'identity.setSecondFactor', { on: true, passphrase })).secondFactor.state).toBe('on');
    // Another computer, or another account: the file and the passphrase are not enough.
    w = await w.restart({ keyring: null });
    expect((await call(w, 'identity.status', {})).secondFactor.state).toBe('on');
    await expect(call(w, 'identity.unlock', { passphrase })).rejects.toMatchObject({ code: 'SECOND_FACTOR_MISSING' });
    w = await w.restart({ keyring });
    await call(w, 'identity.unlock', { passphrase });
    expect((await call(w, 'identity.setSecondFactor', { on: false, passphrase })).secondFactor.state).toBe('off');
    await call(w, 'identity.unlock', { passphrase });
  });

  it('that was lost is no wrong passphrase, and the words help', async () => {
    const keyring = createFakeKeyring();
    let w = await restored({ keyring });
    await call(w, 'identity.setSecondFactor', { on: true, passphrase });
    keyring.forget();
    w = await w.restart();
    for (let i = 0; i < 6; i++) {
      await expect(call(w, 'identity.unlock', { passphrase })).rejects.toMatchObject({ code: 'SECOND_FACTOR_MISSING' });
    }
    // The device keys were sealed by the same keyring.
    expect(await call(w, 'identity.status', {})).toMatchObject({ device: null, worksWhileLocked: [], retryAt: null });
    expect(w.identity.notices().map(({ code }) => code)).toContain('DEVICE_KEYS_MISSING');
    const status = await call(w, 'identity.restore', { words, name: 'Ada', passphrase });
    expect(status).toMatchObject({ state: 'unlocked', secondFactor: { state: 'on' }, worksWhileLocked: ['machines'] });
    expect((await call(w, 'identity.devices', {})).devices).toHaveLength(2);
    await call(w, 'identity.unlock', { passphrase });
  });
});

describe('a keyring that is away for a while', () => {
  it('does not make this computer another device', async () => {
    const keyring = createFakeKeyring();
    let w = await restored({ keyring });
    const device = w.identity.deviceKeys()?.id;
    // As when the headless agent is started on the directory of the app.
    w = await w.restart({ keyring: null });
    expect(await call(w, 'identity.unlock', { passphrase })).toMatchObject({ state: 'unlocked', device: null });
    expect(w.identity.notices().map(({ code }) => code)).toEqual(['DEVICE_KEYS_MISSING']);
    w = await w.restart({ keyring });
    expect(w.identity.deviceKeys()?.id).toBe(device);
    expect(w.identity.notices()).toEqual([]);
    expect((await call(w, 'identity.devices', {})).devices).toHaveLength(1);
  });
});

describe('damage', () => {
  const file = (w: World, name: string) => join(w.directory, name);
  const harm = async (path: string) => {
    const bytes = await readFile(path);
    bytes[100] = (bytes[100] ?? 0) ^ 4;
    await writeFile(path, bytes);
  };

  it('of one keystore file is mended from its copy, with a notice', async () => {
    let w = await locked();
    await harm(file(w, 'keystore.bin'));
    w = await w.restart();
    expect(w.identity.notices().map(({ code }) => code)).toEqual(['RESTORED_FROM_COPY']);
    expect((await call(w, 'identity.unlock', { passphrase })).state).toBe('unlocked');
  });

  it('of both is explained, never called a wrong passphrase, and mended by the words', async () => {
    let w = await locked();
    await harm(file(w, 'keystore.bin'));
    await harm(file(w, 'keystore.bin.copy'));
    w = await w.restart();
    expect(await call(w, 'identity.status', {})).toMatchObject({ state: 'damaged', person: { name: 'Ada' } });
    for (let i = 0; i < 6; i++) {
      await expect(call(w, 'identity.unlock', { passphrase })).rejects.toMatchObject({
        code: 'KEYSTORE_DAMAGED',
        message: expect.stringContaining('checksum'),
        next: expect.stringContaining('24 words'),
      });
    }
    // Device keys are elsewhere and go on.
    expect(w.identity.deviceKeys()).not.toBeNull();
    const foreign = call(w, 'identity.restore', { words: otherWords, name: 'Eve', passphrase });
    await expect(foreign).rejects.toMatchObject({ code: 'PHRASE_OF_ANOTHER' });
    expect((await call(w, 'identity.restore', { words, name: 'Ada', passphrase })).state).toBe('unlocked');
    w = await w.restart();
    expect((await call(w, 'identity.unlock', { passphrase })).state).toBe('unlocked');
    expect((await readdir(w.directory)).some((name) => name.includes('.unused-'))).toBe(true);
  });

  it('of the profile is mended by the words of the person the keystore names', async () => {
    let w = await locked();
    await harm(file(w, 'profile.json'));
    await harm(file(w, 'profile.json.copy'));
    w = await w.restart();
    expect(await call(w, 'identity.status', {})).toMatchObject({ state: 'damaged', person: null });
    await expect(call(w, 'identity.unlock', { passphrase })).rejects.toMatchObject({ code: 'KEYSTORE_DAMAGED' });
    await expect(call(w, 'identity.draft', {})).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    const foreign = call(w, 'identity.restore', { words: otherWords, name: 'Eve', passphrase });
    await expect(foreign).rejects.toMatchObject({ code: 'PHRASE_OF_ANOTHER' });
    expect(await call(w, 'identity.restore', { words, name: 'Ada', passphrase })).toMatchObject({
      state: 'unlocked',
      person: { id: vector.person },
    });
  });

  it('of the device file gives new device keys at the next unlock', async () => {
    let w = await locked();
    const before = w.identity.deviceKeys()?.id;
    await harm(file(w, 'device.json'));
    await harm(file(w, 'device.json.copy'));
    w = await w.restart();
    expect(await call(w, 'identity.status', {})).toMatchObject({ state: 'locked', device: null, worksWhileLocked: [] });
    await call(w, 'identity.unlock', { passphrase });
    const { devices } = await call(w, 'identity.devices', {});
    expect(devices).toHaveLength(2);
    expect(devices.find(({ current }) => current)?.id).not.toBe(before);
    // Nobody finds out by chance that one of the two is of no use.
    const [notice, more] = w.identity.notices();
    expect(more).toBeUndefined();
    expect(notice).toMatchObject({ code: 'DEVICE_REPLACED', text: expect.stringContaining('revoke') });
    w = await w.restart();
    expect(w.identity.notices()).toEqual([]);
  });

  it('of the profile alone, with its copy, is damage and no clean start', async () => {
    let w = await locked();
    await unlink(file(w, 'profile.json'));
    await unlink(file(w, 'profile.json.copy'));
    w = await w.restart();
    expect((await call(w, 'identity.status', {})).state).toBe('damaged');
    await expect(call(w, 'identity.draft', {})).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await expect(call(w, 'identity.unlock', { passphrase })).rejects.toMatchObject({
      code: 'KEYSTORE_DAMAGED',
      message: expect.stringContaining('profile.json'),
    });
    const foreign = call(w, 'identity.restore', { words: otherWords, name: 'Eve', passphrase });
    await expect(foreign).rejects.toMatchObject({ code: 'PHRASE_OF_ANOTHER' });
    expect(await call(w, 'identity.restore', { words, name: 'Ada', passphrase })).toMatchObject({
      state: 'unlocked',
      person: { id: vector.person },
    });
    w = await w.restart();
    expect(await call(w, 'identity.unlock', { passphrase })).toMatchObject({ state: 'unlocked' });
  });

  it('of the file of tries costs nothing', async () => {
    let w = await locked();
    for (const name of ['tries.json', 'tries.json.copy']) await writeFile(file(w, name), 'rubbish');
    w = await w.restart();
    await call(w, 'identity.unlock', { passphrase });
  });

  it('by a creation cut off half-way leaves a clean start', async () => {
    let w = await world();
    const first = await call(w, 'identity.draft', {});
    // The profile is written last: without it nothing was acknowledged.
    await mkdir(file(w, 'profile.json'));
    await expect(call(w, 'identity.create', { draft: first.draft, name: 'Ada', passphrase })).rejects.toBeDefined();
    expect(await readdir(w.directory)).toContain('keystore.bin');
    await rmdir(file(w, 'profile.json'));
    w = await w.restart();
    expect((await call(w, 'identity.status', {})).state).toBe('none');
    const { draft } = await call(w, 'identity.draft', {});
    const status = await call(w, 'identity.create', { draft, name: 'Eve', passphrase });
    expect(status.person?.id).not.toBe(vector.person);
    const names = await readdir(w.directory);
    expect(names.filter((name) => name.startsWith('keystore.bin.unused-'))).toHaveLength(1);
    expect(names).not.toContain('making');
  });
});

describe('devices', () => {
  it('are revoked by the person, but not the one in use', async () => {
    let w = await restored();
    const current = w.identity.deviceKeys()?.id;
    if (current === undefined) throw new Error('no device');
    await expect(call(w, 'identity.revokeDevice', { device: current })).rejects.toMatchObject({
      code: 'CURRENT_DEVICE',
    });
    await expect(call(w, 'identity.revokeDevice', { device: 'nobody' as typeof current })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    // A second device: this one after losing its keys.
    for (const name of ['device.json', 'device.json.copy']) await unlink(join(w.directory, name));
    w = await w.restart();
    await expect(call(w, 'identity.revokeDevice', { device: current })).rejects.toMatchObject({ code: 'LOCKED' });
    await call(w, 'identity.unlock', { passphrase });
    const { devices } = await call(w, 'identity.revokeDevice', { device: current });
    expect(devices.find(({ id }) => id === current)?.revokedAt).toBe(w.host.now());
    expect(await call(w, 'identity.revokeDevice', { device: current })).toEqual({ devices });
    w = await w.restart();
    expect(w.identity.devices().find(({ id }) => id === current)?.revokedAt).not.toBeNull();
  });

  it('keep their keys in files of this user only', async () => {
    const w = await restored();
    expect((await readdir(w.directory)).sort()).toEqual([
      'device.json',
      'device.json.copy',
      'keystore.bin',
      'keystore.bin.copy',
      'profile.json',
      'profile.json.copy',
      'tries.json',
      'tries.json.copy',
    ]);
    if (process.platform === 'win32') return;
    for (const name of await readdir(w.directory))
      expect((await stat(join(w.directory, name))).mode & 0o777).toBe(0o600);
    expect((await stat(w.directory)).mode & 0o777).toBe(0o700);
  });

  it('write no secret of the person in the open', async () => {
    const w = await restored();
    const keys = w.identity.personKeys();
    const secrets = [vector.entropy, keys?.vaultRoot, keys?.current.signSeed, keys?.current.kem.secret];
    for (const name of await readdir(w.directory)) {
      const bytes = await readFile(join(w.directory, name));
      const text = bytes.toString('latin1');
      expect(text).not.toContain('dignity');
      for (const secret of secrets) {
        const raw = Buffer.from(secret ?? []);
        expect(raw).toHaveLength(32);
        expect(bytes.includes(raw)).toBe(false);
        for (const form of ['hex', 'base64url', 'base64'] as const)
          expect(text).not.toContain(raw.toString(form).slice(0, 40));
      }
    }
  });
});

describe('the card', () => {
  it('convinces whoever has the person id, with tweetnacl alone too', async () => {
    const w = await restored();
    const card = await call(w, 'identity.card', {});
    const verified = verifyCard(card);
    expect(verified?.log.person).toBe(vector.person);
    expect(verified?.log.devices.map(({ id }) => id)).toEqual([w.identity.deviceKeys()?.id]);
    const { sig, ...rest } = card;
    const message = new TextEncoder().encode(canonicalJson(rest));
    const [signature, key] = [fromBase64url(sig), fromHex(card.key)];
    expect(signature && key && nacl.sign.detached.verify(message, signature, key)).toBe(true);
  });

  it('does not when anything of it is changed', async () => {
    const [w, other] = [await restored(), await world({ seed: 99 })];
    await call(other, 'identity.restore', { words: otherWords, name: 'Eve', passphrase });
    const [card, foreign] = [await call(w, 'identity.card', {}), await call(other, 'identity.card', {})];
    const changes: Partial<typeof card>[] = [
      { name: 'Eve' },
      { at: card.at + 1 },
      { person: foreign.person },
      { key: foreign.key },
      { kem: foreign.kem },
      { pqKey: foreign.pqKey },
      { log: foreign.log },
      { log: card.log.slice(0, 1) },
      { sig: foreign.sig },
    ];
    for (const change of changes) expect(verifyCard({ ...card, ...change }), Object.keys(change).join()).toBeNull();
    expect(verifyCard({ ...foreign, person: card.person })).toBeNull();
    expect(verifyCard(null)).toBeNull();
  });

  it('goes with signatures for a purpose', async () => {
    const w = await restored();
    const bytes = new TextEncoder().encode('snapshot root');
    const signature = w.identity.sign('vault-snapshot', bytes);
    const key = w.identity.person()?.publicKey ?? new Uint8Array(0);
    expect(verifyFor('vault-snapshot', bytes, signature, key)).toBe(true);
    expect(verifyFor('deal', bytes, signature, key)).toBe(false);
  });
});

async function snapshot(directory: string): Promise<Record<string, string>> {
  const names = (await readdir(directory)).sort();
  const entries = names.map(
    async (name) => [name, (await readFile(join(directory, name))).toString('base64')] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
