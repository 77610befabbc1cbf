import { putU32 } from '../wire/big-endian.ts';

/** Makes 12-byte nonces, each once. */
export interface Nonces {
  /** Write the next nonce at `target[at]`. @param greater whether our public key is the greater of the pair */
  put(target: Uint8Array, at: number, greater: boolean): void;
}

/*
 * AES-GCM falls apart when one key seals twice under one nonce. Here one key serves a pair of nodes for ever, in both
 * directions, and there is no handshake in which to agree on anything. A nonce is
 *
 *   0  8  prefix: random, drawn at start and again after `lifetime` packets; its first bit says which of the two sealed
 *   8  4  counter, from 0
 *
 * Within a run no nonce repeats, because prefix and counter together never do, whatever the number of keys. Between two of
 * our nodes the directions cannot meet, because of the first bit. What is left to chance is that two runs of one node draw
 * the same 63 bits: after n runs (or lifetimes, of 2^24 packets) the odds are under n^2 / 2^64, for a million runs 2^-24.
 * Against a daemon, which draws all 96 bits at random for each packet, the odds that one of its nonces falls into what we
 * used are those of any random scheme: (its packets x our packets) / 2^96.
 *
 * With random nonces NIST SP 800-38D section 8.3 allows 2^32 packets under a key; a busy link passes that in hours. A fixed
 * part and a counter (its section 8.2.1) has no such bound for the sender.
 *
 * What it cannot see is the memory of the machine being restored from a snapshot, which would replay prefix and counter. A
 * short lifetime bounds that reuse and does not end it. At 2^24 packets (24 GB) fresh prefixes cost nothing.
 */
export function createNonces(random: (n: number) => Uint8Array, lifetime = 2 ** 24): Nonces {
  let prefix = random(8);
  let counter = 0;
  return {
    put(target, at, greater) {
      if (counter >= lifetime) {
        prefix = random(8);
        counter = 0;
      }
      target.set(prefix, at);
      const first = prefix[0] as number;
      target[at] = greater ? first | 0x80 : first & 0x7f;
      putU32(target, at + 8, counter++);
    },
  };
}
