import type { VM } from '@ethereumjs/vm';
import { equalBytes } from '#core/crypto/equal.ts';
import { rulesOf } from '#core/evm/own-rules.ts';
import { machineAt } from '../../chain/execution.ts';
import type { BlockRow } from '../../chain/records.ts';
import type { Findable } from '../../rpc/blocks.ts';
import { RpcFailure, reverted } from '../../rpc/failure.ts';
import type { Tried } from '../../rpc/look.ts';
import { hashOf, headerFrom } from './follow.ts';
import type { Followed, FollowedBlocks } from './followed.ts';
import { createRemoteNodes } from './nodes.ts';
import { bytesSaid, type Source, WrongAnswer } from './source.ts';
import { fetchWhole, type WholeBlock } from './whole-block.ts';

/**
 * A contact's ledger as it can be read without believing the contact: blocks that lead to one that they signed, and all that stands under the hashes
 * in those. Whatever is asked for is checked against these before it is used.
 */
export interface LightLedger extends Tried, Findable {
  readonly blocks: FollowedBlocks;
  /** With its header. @throws WrongAnswer, and what the source does */
  row(number: number): Promise<BlockRow>;
  rows(numbers: readonly number[]): Promise<BlockRow[]>;
  whole(number: number): Promise<WholeBlock>;
}

const mostHeaders = 2_000;
const mostWhole = 32;
/** Headers in one message. */
const headersAtOnce = 100;
/** What is tried here runs in this thread: it gives way to the rest of Hypha now and then, and ends. */
const stepsAtOnce = 2_000;
const mostSteps = 2_000_000;

export function createLightLedger(chainId: bigint, blocks: FollowedBlocks, source: Source): LightLedger {
  const rules = rulesOf(chainId);
  const machineNodes = createRemoteNodes(source);
  const headers = new Map<number, BlockRow>();
  const whole = new Map<number, Promise<WholeBlock>>();
  const bare = (found: Followed | undefined): BlockRow | undefined => found && { ...found, header: new Uint8Array(0) };

  const followedAt = (number: number): Followed => {
    const found = blocks.byNumber(number);
    if (found === undefined) throw new Error(`block ${number} was not followed`);
    return found;
  };
  const keep = (row: BlockRow): BlockRow => {
    headers.set(row.number, row);
    for (const oldest of headers.keys()) {
      if (headers.size <= mostHeaders) break;
      headers.delete(oldest);
    }
    return row;
  };
  /** Put back, a ledger has other blocks under the same numbers. */
  const held = (number: number): BlockRow | null => {
    const row = headers.get(number);
    return row !== undefined && equalBytes(row.hash, followedAt(number).hash) ? row : null;
  };
  const rows = async (numbers: readonly number[]): Promise<BlockRow[]> => {
    const missing = numbers.filter((number) => held(number) === null);
    for (let at = 0; at < missing.length; at += headersAtOnce) {
      const asked = missing.slice(at, at + headersAtOnce);
      const raws = await source.askAll(
        'debug_getRawHeader',
        asked.map((number) => [`0x${number.toString(16)}`]),
      );
      for (const [i, number] of asked.entries()) {
        const header = bytesSaid(raws[i]);
        const { hash } = followedAt(number);
        if (!equalBytes(hashOf(header), hash)) throw new WrongAnswer('a header of another hash');
        keep({ number, hash, header });
      }
    }
    return numbers.map((number) => {
      const row = held(number);
      if (row === null) throw new Error('more headers were asked for than are held');
      return row;
    });
  };
  const row = async (number: number): Promise<BlockRow> => {
    const [found] = await rows([number]);
    if (found === undefined) throw new Error('unreachable');
    return found;
  };

  const machine = async (number = blocks.newest()?.number ?? 0): Promise<VM> => {
    const { stateRoot } = headerFrom(rules, (await row(number)).header);
    const made = await machineAt(rules, machineNodes(), stateRoot, (at) => blocks.byNumber(at)?.hash ?? null);
    let steps = 0;
    made.evm.events?.on('step', (_step: unknown, next?: () => void) => {
      steps += 1;
      if (steps > mostSteps) throw new RpcFailure(reverted, 'It takes too long to be tried here.');
      if (steps % stepsAtOnce === 0) setImmediate(() => next?.());
      else next?.();
    });
    return made;
  };

  return {
    ...{ chainId, rules, blocks, machine, row, rows },
    records: {
      newest: () => bare(blocks.newest()),
      byNumber: (number) => bare(blocks.byNumber(number)),
      byHash: (hash) => bare(blocks.byHash(hash)),
    },
    async whole(number) {
      const wanted = await row(number);
      const here = await whole.get(number)?.catch(() => null);
      if (here && equalBytes(here.row.hash, wanted.hash)) return here;
      const coming = fetchWhole(source, rules, wanted);
      whole.delete(number);
      whole.set(number, coming);
      for (const oldest of whole.keys()) {
        if (whole.size <= mostWhole) break;
        whole.delete(oldest);
      }
      coming.catch(() => whole.delete(number));
      return coming;
    },
  };
}
