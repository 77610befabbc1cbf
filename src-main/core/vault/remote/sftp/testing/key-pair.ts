import ssh2 from 'ssh2';

/** A key pair as `ssh-keygen` makes it. The library writes one of some 400 so that nobody can read it, not OpenSSH either; those are left out. */
export function newKeyPair(passphrase?: string): { readonly public: string; readonly private: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync(
      'ed25519',
      passphrase === undefined ? {} : { passphrase, cipher: 'aes256-ctr', rounds: 2 },
    );
    if (!(ssh2.utils.parseKey(pair.private, passphrase) instanceof Error)) return pair;
  }
}
