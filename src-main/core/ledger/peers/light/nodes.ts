import { type BatchDBOp, KECCAK256_RLP } from '@ethereumjs/util';
import { fromHex, toHex } from '#core/crypto/encoding.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import type { NodeStore } from '../../chain/node-store.ts';
import { resourceNotFound } from '../../rpc/failure.ts';
import { PeerSaid } from '../wire/asking.ts';
import { hashOf } from './follow.ts';
import { bytesSaid, type Source, WrongAnswer } from './source.ts';

/** Bytes of nodes and codes of one ledger that are held, so that what many questions need is asked for once. */
const mostHeld = 16 * 1024 * 1024;

/** Root of a state, or of a storage, with nothing in it: there is no node of it anywhere. */
const noState = toHex(KECCAK256_RLP);

/**
 * Nodes of the state of a contact's ledger, and codes of its contracts, each asked for by its hash when it is needed: nothing but what
 * has that hash is taken, so a machine over them computes what is so, or fails.
 */
export function createRemoteNodes(source: Source) {
  const held = new Map<string, Uint8Array>();
  const coming = new Map<string, Promise<Uint8Array>>();
  let bytesHeld = 0;

  const fetch = async (hash: string): Promise<Uint8Array> => {
    const answer = await source.ask('debug_dbGet', [`0x${hash}`]).catch((error: unknown) => {
      if (error instanceof PeerSaid && error.code === resourceNotFound)
        throw new WrongAnswer('that a part of its own state is not there');
      throw error;
    });
    const bytes = bytesSaid(answer);
    if (!equalBytes(hashOf(bytes), fromHex(hash) ?? new Uint8Array()))
      throw new WrongAnswer('something of another hash');
    held.set(hash, bytes);
    bytesHeld += bytes.length;
    for (const [oldest, { length }] of held) {
      if (bytesHeld <= mostHeld) break;
      held.delete(oldest);
      bytesHeld -= length;
    }
    return bytes;
  };
  const get = (hash: string): Promise<Uint8Array> => {
    const here = held.get(hash);
    if (here !== undefined) {
      // Whatever was used last goes last.
      held.delete(hash);
      held.set(hash, here);
      return Promise.resolve(here);
    }
    const asked = coming.get(hash) ?? fetch(hash).finally(() => coming.delete(hash));
    coming.set(hash, asked);
    return asked;
  };

  /** For one machine: what it writes while it tries something is its own. */
  return (): NodeStore => {
    const written = new Map<string, Uint8Array>();
    const nameOf = (key: Uint8Array | string | number): string =>
      typeof key === 'string' ? key : typeof key === 'number' ? String(key) : toHex(key);
    const store: NodeStore = {
      async get(key) {
        const name = nameOf(key);
        // Codes are kept apart from nodes by a byte before their hash.
        return written.get(name) ?? (name === noState ? undefined : get(name.slice(-64)));
      },
      async put(key, value) {
        written.set(nameOf(key), value);
      },
      async del() {},
      async batch(operations: BatchDBOp<string, Uint8Array>[]) {
        for (const one of operations) if (one.type === 'put') written.set(nameOf(one.key), one.value);
      },
      shallowCopy: () => store,
      async open() {},
      flush() {},
      forget: () => written.clear(),
    };
    return store;
  };
}
