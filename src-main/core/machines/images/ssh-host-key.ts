import { ed25519PublicKey } from '#core/crypto/sign.ts';
import { concat } from './cpio.ts';

/*
 * SSH host keys are made here and handed to the guest, so that the first connection already knows whom to expect. Wire forms:
 * RFC 4251 section 5 ("string" = 4 bytes length, big endian, then the bytes) and RFC 8709 (ssh-ed25519).
 */
const text = new TextEncoder();
const algorithm = 'ssh-ed25519';

function uint32(n: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, n);
  return out;
}

function string(value: string | Uint8Array): Uint8Array {
  const bytes = typeof value === 'string' ? text.encode(value) : value;
  return concat([uint32(bytes.length), bytes]);
}

/** The public half as a line of authorized_keys or known_hosts: `ssh-ed25519 BASE64`. */
export function publicHostKey(seed: Uint8Array): string {
  return `${algorithm} ${Buffer.from(concat([string(algorithm), string(ed25519PublicKey(seed))])).toString('base64')}`;
}

/** Dropbear's key file: string "ssh-ed25519", then one string of 64 bytes, seed and public key (dropbear ed25519.c). */
export function dropbearHostKey(seed: Uint8Array): Uint8Array {
  return concat([string(algorithm), string(concat([seed, ed25519PublicKey(seed)]))]);
}

/**
 * OpenSSH's key file, not encrypted (OpenSSH PROTOCOL.key): magic, cipher "none", kdf "none", no kdf options, one key, the public
 * blob, then the private part, two equal check numbers, key, comment, padding 1 2 3 ... to a multiple of 8.
 * @param check any 32-bit number.
 */
export function opensshHostKey(seed: Uint8Array, check: number): string {
  const publicKey = ed25519PublicKey(seed);
  const pair = concat([seed, publicKey]);
  const body = concat([uint32(check), uint32(check), string(algorithm), string(publicKey), string(pair), string('')]);
  const padding = Uint8Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, i) => i + 1);
  const whole = concat([
    text.encode('openssh-key-v1\0'),
    string('none'),
    string('none'),
    string(''),
    uint32(1),
    string(concat([string(algorithm), string(publicKey)])),
    string(concat([body, padding])),
  ]);
  const lines =
    Buffer.from(whole)
      .toString('base64')
      .match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}
