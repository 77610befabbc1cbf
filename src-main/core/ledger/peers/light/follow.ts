import type { BlockHeader } from '@ethereumjs/block';
import type { Common } from '@ethereumjs/common';
import { hexToBytes, keccak256 } from 'viem';
import { equalBytes } from '#core/crypto/equal.ts';
import { blockFromHeader } from '../../chain/execution.ts';
import type { Followed, FollowedBlocks } from './followed.ts';
import { bytesSaid, type Source, WrongAnswer } from './source.ts';

/** Headers in one message. */
const atOnce = 100;

/** The operator's blocks do not go on from the last one that was followed. */
export class NotLinked extends Error {
  /** Those that lead from its number to the head that they signed; empty where that is no later one. */
  readonly headers: readonly Uint8Array[];
  constructor(headers: readonly Uint8Array[]) {
    super('the blocks do not go on from those before');
    this.headers = headers;
  }
}

export const hashOf = (bytes: Uint8Array): Uint8Array => hexToBytes(keccak256(bytes));

/** @throws WrongAnswer */
export function headerFrom(rules: Common, raw: Uint8Array): BlockHeader {
  try {
    return blockFromHeader(rules, raw).header;
  } catch (error) {
    throw new WrongAnswer(`a header that is none (${(error as Error).message})`);
  }
}

/**
 * Take up all blocks from the last one that was followed up to one that the operator signed, and see that each names the one before. Only
 * what leads to the signed one is kept: the signature stands for all of them.
 *
 * @param first hash of the first block, as it was pinned
 * @throws NotLinked, WrongAnswer, and what the source does
 */
export async function follow(
  source: Source,
  rules: Common,
  followed: FollowedBlocks,
  signed: Followed,
  first: Uint8Array,
): Promise<void> {
  const last = followed.newest();
  if (last !== undefined && signed.number <= last.number) {
    const there = followed.byNumber(signed.number);
    if (there === undefined || !equalBytes(there.hash, signed.hash)) throw new NotLinked([]);
    return;
  }
  const blocks: Followed[] = [];
  const headers: Uint8Array[] = [];
  let forked = false;
  let before = last;
  while ((before?.number ?? -1) < signed.number) {
    const from = before === undefined ? 0 : before.number + 1;
    const count = Math.min(atOnce, signed.number - from + 1);
    const asked = Array.from({ length: count }, (_, i) => [`0x${(from + i).toString(16)}`]);
    for (const raw of await source.askAll('debug_getRawHeader', asked)) {
      const bytes = bytesSaid(raw);
      const one: Followed = { number: (before?.number ?? -1) + 1, hash: hashOf(bytes) };
      const header = headerFrom(rules, bytes);
      if (Number(header.number) !== one.number) throw new WrongAnswer('a header of another block');
      if (before === undefined && !equalBytes(one.hash, first)) throw new WrongAnswer('another first block');
      if (before !== undefined && !equalBytes(header.parentHash, before.hash)) {
        if (before !== last) throw new WrongAnswer('headers that do not follow one another');
        forked = true;
      }
      headers.push(bytes);
      blocks.push(one);
      before = one;
    }
  }
  if (before === undefined || !equalBytes(before.hash, signed.hash)) {
    throw new WrongAnswer('headers that do not lead to the signed one');
  }
  if (forked) throw new NotLinked(headers);
  followed.add(blocks);
}
