import { utf8 } from '#core/crypto/bytes.ts';
import { sha256 } from '#core/crypto/hash.ts';

/*
 * The Merkle tree hash of RFC 6962, section 2.1, with SHA-256, over the rows that a snapshot sees in the order of their ids.
 * Leaf and node hashes begin with different bytes, so that no node passes for a leaf.
 */

const leafByte = Uint8Array.of(0);
const nodeByte = Uint8Array.of(1);
const none = new Uint8Array(0);

/**
 * Leaf of one item: its id, its sealed row and, of a file, its sealed manifest, which names every chunk by a keyed hash of its bytes.
 * Sealed rows are hashed, not what they say: who has no key can check a snapshot too.
 */
export function leafOf(id: string, item: Uint8Array, manifest: Uint8Array | null): Uint8Array {
  return sha256(leafByte, sha256(utf8(id)), sha256(item), manifest === null ? none : sha256(manifest));
}

export interface Merkle {
  add(leaf: Uint8Array): void;
  /** 32 bytes; of no leaves the hash of nothing. */
  root(): Uint8Array;
}

/** Memory for one hash a level, however many leaves. */
export function createMerkle(): Merkle {
  /** Roots of full subtrees, largest first, and how many leaves each has. */
  const stack: { hash: Uint8Array; leaves: number }[] = [];
  const join = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(nodeByte, left, right);
  return {
    add(leaf) {
      let top = { hash: leaf, leaves: 1 };
      for (let last = stack.at(-1); last?.leaves === top.leaves; last = stack.at(-1)) {
        stack.pop();
        top = { hash: join(last.hash, top.hash), leaves: last.leaves * 2 };
      }
      stack.push(top);
    },
    root() {
      let root: Uint8Array | null = null;
      for (const { hash } of stack.toReversed()) root = root === null ? hash : join(hash, root);
      return root ?? sha256(none);
    },
  };
}
