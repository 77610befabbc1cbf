import {
  decodeFunctionResult,
  encodeFunctionData,
  getAbiItem,
  type Hex,
  keccak256,
  toBytes,
  toEventSelector,
} from 'viem';
import { z } from 'zod';
import { ask, callContract, dataSchema, hex, newestBlock, quantitySchema } from '#core/evm/answers.ts';
import type { Chain } from '#core/evm/chain.ts';
import { names } from '#core/evm/contracts/names.generated.ts';
import { asRefusal } from '#core/evm/refusals.ts';
import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import { readLogs } from './logs.ts';
import { behindArguments, decodeSigned, recordHash, type SignedRecord } from './record/record.ts';

const { abi } = names;
/** As the contract has them, in seconds. */
export const commitMin = 60;
export const graceSeconds = 90 * 86_400;

const topic = (name: 'Registered' | 'RecordSet' | 'Transferred'): Hash32 =>
  toEventSelector(getAbiItem({ abi, name })) as Hash32;
const topics = { registered: topic('Registered'), recordSet: topic('RecordSet'), transferred: topic('Transferred') };
const noAddress = `0x${'0'.repeat(40)}`;
const wordOf = (address: string): Hash32 => `0x${'0'.repeat(24)}${address.slice(2).toLowerCase()}` as Hash32;

export const labelHash = (label: string): Hash32 => keccak256(toBytes(label)) as Hash32;

/** As the ledger has it. Times are in seconds by its clock. */
export interface Entry {
  readonly owner: EvmAddress | null;
  readonly expires: number;
  readonly sequence: number;
  /** Null when the name points to nothing. */
  readonly record: Hash32 | null;
  readonly deposit: bigint;
}

export interface Commitment {
  readonly label: string;
  readonly owner: EvmAddress;
  readonly term: bigint;
  readonly secret: Hash32;
}

const txSchema = z.object({ input: dataSchema });
const noRecord = `0x${'0'.repeat(64)}` as Hash32;
const argumentsOf = ({ label, owner, term, secret }: Commitment) => [label, owner, term, noRecord, secret] as const;

/** Calls that change a registry, for the wallet to send. */
export const calls = {
  commit: (commitment: Hash32): Hex => encodeFunctionData({ abi, functionName: 'commit', args: [commitment] }),
  register: (what: Commitment): Hex => encodeFunctionData({ abi, functionName: 'register', args: argumentsOf(what) }),
  renew: (label: string, term: bigint): Hex =>
    encodeFunctionData({ abi, functionName: 'renew', args: [labelHash(label), term] }),
  setRecord: (label: string, sequence: number, record: Hash32): Hex =>
    encodeFunctionData({ abi, functionName: 'setRecord', args: [labelHash(label), sequence, record] }),
  transfer: (label: string, to: EvmAddress): Hex =>
    encodeFunctionData({ abi, functionName: 'transfer', args: [labelHash(label), to] }),
  release: (label: string): Hex => encodeFunctionData({ abi, functionName: 'release', args: [labelHash(label)] }),
  withdraw: (): Hex => encodeFunctionData({ abi, functionName: 'withdraw' }),
} as const;

/** The name of the error that a contract refused a call with; null for another failure. */
export function refusal(error: unknown): string | null {
  const refused = asRefusal(error);
  const name = isFail(refused, 'CALL_REFUSED') ? refused.data?.error : null;
  return typeof name === 'string' ? name : null;
}

/** What came back, as the contract's own answers are shaped. @throws Fail CHAIN_WRONG */
function read<T>(decode: () => T): T {
  try {
    return decode();
  } catch {
    throw fail(
      'CHAIN_WRONG',
      'What answers for the names on this ledger is not the contract that Hypha was built with.',
      {
        meaning: 'Nothing was concluded from it, and nothing was sent.',
        next: 'Check which chain this is, and who answers for it.',
      },
    );
  }
}

/** One registry of names on one chain, read. */
export function openRegistry(chain: Chain, address: EvmAddress) {
  const call = (data: Hex): Promise<Hex> => callContract(chain, address, data);

  return {
    address,
    /** By the newest block. @returns seconds since 1970 */
    async time(): Promise<number> {
      const shape = z.object({ timestamp: quantitySchema });
      return Number((await ask(chain, shape, 'eth_getBlockByNumber', ['latest', false])).timestamp);
    },
    async lookUp(label: string): Promise<Entry> {
      const data = await call(encodeFunctionData({ abi, functionName: 'lookUp', args: [labelHash(label)] }));
      const found = read(() => decodeFunctionResult({ abi, functionName: 'lookUp', data }));
      return {
        owner: found.owner === noAddress ? null : (found.owner as EvmAddress),
        expires: Number(found.expires),
        sequence: found.sequence,
        record: found.record === noRecord ? null : (found.record as Hash32),
        deposit: found.deposit,
      };
    },
    async deposit(label: string): Promise<bigint> {
      const args = [BigInt(Buffer.byteLength(label))] as const;
      const data = await call(encodeFunctionData({ abi, functionName: 'depositFor', args }));
      return read(() => decodeFunctionResult({ abi, functionName: 'depositFor', data }));
    },
    async commitment(what: Commitment): Promise<Hash32> {
      const data = await call(encodeFunctionData({ abi, functionName: 'commitmentOf', args: argumentsOf(what) }));
      return read(() => decodeFunctionResult({ abi, functionName: 'commitmentOf', data })) as Hash32;
    },
    /** @returns seconds since 1970; 0 for one that is not there, or was used */
    async committedAt(commitment: Hash32): Promise<number> {
      const data = await call(encodeFunctionData({ abi, functionName: 'committedAt', args: [commitment] }));
      return Number(read(() => decodeFunctionResult({ abi, functionName: 'committedAt', data })));
    },
    async owed(who: EvmAddress): Promise<bigint> {
      const data = await call(encodeFunctionData({ abi, functionName: 'owed', args: [who] }));
      return read(() => decodeFunctionResult({ abi, functionName: 'owed', data }));
    },
    /** Whether it would be done now. @throws Fail CHAIN_SAID; see {@link refusal} */
    async attempt(from: EvmAddress, data: Hex, value: bigint): Promise<void> {
      const worth = value === 0n ? {} : { value: hex(value) };
      await ask(chain, dataSchema, 'eth_call', [{ from, to: address, data, ...worth }, 'latest']);
    },

    /** The signed record that a name's entry names; null when it is not in the ledger, or is another one. */
    async record(label: string, entry: Entry): Promise<SignedRecord | null> {
      const sets = readLogs(chain, { address, topics: [topics.recordSet, labelHash(label)] }, 0n, 'newest first');
      for await (const log of sets) {
        if (Number(BigInt(`0x${log.data.slice(2, 66)}`)) !== entry.sequence) continue;
        const tx = txSchema.safeParse(await chain.request('eth_getTransactionByHash', [log.transactionHash]));
        if (!tx.success) return null;
        const signed = decodeSigned(behindArguments(tx.data.input, 3));
        return signed !== null && recordHash(signed.record) === entry.record ? signed : null;
      }
      return null;
    },
    /** Labels that came to one of these accounts since a block; they may have gone again. */
    async cameTo(accounts: readonly EvmAddress[], from: bigint): Promise<{ labels: readonly string[]; next: bigint }> {
      const until = (await newestBlock(chain)) - BigInt(chain.confirmations);
      if (accounts.length === 0 || until < from) return { labels: [], next: from };
      const mine = accounts.map(wordOf);
      const found = new Set<string>();
      for await (const log of readLogs(
        chain,
        { address, topics: [topics.registered, null, mine] },
        from,
        'oldest first',
        until,
      ))
        found.add(registeredLabel(log.data));
      for await (const log of readLogs(
        chain,
        { address, topics: [topics.transferred, null, null, mine] },
        from,
        'oldest first',
        until,
      )) {
        const [, hash] = log.topics;
        if (hash === undefined) continue;
        // What was handed on is named by its hash alone; when it was taken, its letters were told.
        for await (const first of readLogs(chain, { address, topics: [topics.registered, hash] }, 0n, 'newest first')) {
          found.add(registeredLabel(first.data));
          break;
        }
      }
      return { labels: [...found], next: until + 1n };
    },
  };
}
export type Registry = ReturnType<typeof openRegistry>;

/** ABI: offset, expires, length, bytes. The contract said it, so its shape is known; whether it is a normal label is not. */
function registeredLabel(data: Hex): string {
  const bytes = Buffer.from(data.slice(2), 'hex');
  const length = Math.min(bytes.length < 96 ? 0 : bytes.readUInt32BE(92), 255);
  return bytes.subarray(96, 96 + length).toString('utf8');
}
