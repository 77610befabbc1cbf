import { describe, expect, it } from 'vitest';
import { readPin } from './host-key.ts';
import { readSftpOptions, type SftpOptions } from './options.ts';
import { newKeyPair } from './testing/key-pair.ts';

const pin = `ssh-ed25519 SHA256:${'A'.repeat(43)}`;
const good: SftpOptions = {
  host: 'nas.local',
  port: 22,
  user: 'me',
  password: 'secret',
  path: 'backups/hypha',
  hostKey: pin,
};
const pair = newKeyPair();
const locked = newKeyPair('open');

const refusal = (more: Partial<SftpOptions>) => {
  try {
    readSftpOptions({ ...good, ...more });
  } catch (error) {
    return error;
  }
  return null;
};

describe('what a person gives', () => {
  it('is taken in the forms that people write', () => {
    expect(readSftpOptions({ ...good, host: ' [fd00::1] ', path: '~/backups//hypha/' })).toMatchObject({
      host: 'fd00::1',
      path: 'backups/hypha',
    });
    expect(readSftpOptions({ ...good, path: '/mnt/disk/' }).path).toBe('/mnt/disk');
    expect(readSftpOptions({ ...good, path: '/' }).path).toBe('/');
    expect(readSftpOptions({ ...good, password: '', privateKey: pair.private })).toMatchObject({ password: null });
    expect(readSftpOptions({ ...good, privateKey: locked.private, passphrase: 'open' }).key?.isPrivateKey()).toBe(true);
  });

  it.each<[string, Partial<SftpOptions>, RegExp]>([
    ['no server', { host: '' }, /not the name of a server/],
    ['a whole address', { host: 'sftp://nas/x' }, /not the name of a server/],
    ['a port beyond', { port: 70_000 }, /not a port/],
    ['no user', { user: ' ' }, /user is missing/],
    ['no secret', { password: '' }, /neither a password nor a private key/],
    ['no pinned key', { hostKey: '' }, /fingerprint/],
    ['an MD5 fingerprint', { hostKey: 'MD5:00:11' }, /fingerprint/],
    ['no path', { path: ' ' }, /path is missing/],
    ['home alone', { path: '~' }, /path is missing/],
    ['a way out', { path: 'a/../../etc' }, /cannot be the path/],
    ['a zero byte', { path: 'a\u0000b' }, /cannot be the path/],
    ['half a key', { privateKey: pair.private.slice(0, 60) }, /cannot be read/],
    ['the public key', { privateKey: pair.public }, /public half/],
    ['a locked key', { privateKey: locked.private }, /under a passphrase/],
    ['a locked key and another passphrase', { privateKey: locked.private, passphrase: 'no' }, /does not open/],
  ])('is refused in words: %s', (_, more, words) => {
    expect(refusal(more)).toMatchObject({ code: 'BAD_INPUT', message: expect.stringMatching(words) });
  });
});

it('reads pins with and without the kind of key', () => {
  const fingerprint = `SHA256:${'b'.repeat(43)}`;
  expect(readPin(fingerprint)).toEqual({ type: null, fingerprint });
  expect(readPin(` ssh-rsa  ${fingerprint} `)).toEqual({ type: 'ssh-rsa', fingerprint });
  for (const bad of ['', 'SHA256:', `a b ${fingerprint}`, `${fingerprint}=`, `SSH RSA ${fingerprint}`]) {
    expect(readPin(bad)).toBeNull();
  }
});
