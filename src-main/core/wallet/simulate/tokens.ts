import { type Abi, decodeFunctionResult, encodeFunctionData, erc20Abi, type Hex, hexToString, parseAbi } from 'viem';
import type { Granted, Log, TokenFacts, TokenKind } from './protocol.ts';

/** keccak-256 of the events of ERC-20, ERC-721 and ERC-1155 that move and allow. */
const transfer = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';
const approval = '0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925';
const approvalForAll = '0x17307eab39ab6107e8899845ad3d59bd9653f200f220920489ca2b5937696c31';
const transferSingle = '0xc3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62';
const transferBatch = '0x4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb';

const abi1155 = parseAbi(['function balanceOf(address owner, uint256 id) view returns (uint256)']);
const abiItem = parseAbi(['function getApproved(uint256 id) view returns (address)']);
const abiAll = parseAbi(['function isApprovedForAll(address owner, address operator) view returns (bool)']);

export interface Moved {
  readonly token: Hex;
  readonly kind: TokenKind;
  readonly id: bigint | null;
  readonly from: Hex;
  readonly to: Hex;
  readonly amount: bigint;
}

export type Allowed = Omit<Granted, 'amount'>;

const holder = (topic: Hex | undefined): Hex => `0x${(topic ?? '').slice(26)}`;
const word = (data: Hex, at: number): bigint => BigInt(`0x${data.slice(2 + at * 64, 66 + at * 64) || '0'}`);

/** What logs say was moved. Anybody can write such a log, so what it says is held against the token’s own answers. */
export function movedBy(log: Log): readonly Moved[] {
  const [topic, a, b, c] = log.topics;
  const token = log.address;
  if (topic === transfer && a !== undefined && b !== undefined) {
    const [from, to] = [holder(a), holder(b)];
    if (c !== undefined) return [{ token, kind: 'erc721', id: BigInt(c), from, to, amount: 1n }];
    return log.data.length === 66 ? [{ token, kind: 'erc20', id: null, from, to, amount: BigInt(log.data) }] : [];
  }
  if (topic === transferSingle && c !== undefined && log.data.length === 130) {
    const [id, amount] = [word(log.data, 0), word(log.data, 1)];
    return [{ token, kind: 'erc1155', id, from: holder(b), to: holder(c), amount }];
  }
  if (topic === transferBatch && c !== undefined) {
    // Two arrays of equal length, one after the other.
    const count = Number(word(log.data, 2));
    if (count > 64 || log.data.length !== 2 + 64 * (4 + 2 * count)) return [];
    return Array.from({ length: count }, (_, i) => ({
      token,
      kind: 'erc1155' as const,
      id: word(log.data, 3 + i),
      from: holder(b),
      to: holder(c),
      amount: word(log.data, 4 + count + i),
    }));
  }
  return [];
}

/** What a log says was allowed to somebody, or taken back. */
export function allowedBy(log: Log): Allowed | null {
  const [topic, a, b, c] = log.topics;
  if (a === undefined || b === undefined) return null;
  const parts = { token: log.address, owner: holder(a), spender: holder(b) };
  if (topic === approvalForAll) return { ...parts, kind: 'all', of: 'erc721', id: null };
  if (topic !== approval) return null;
  return c === undefined
    ? { ...parts, kind: 'amount', of: 'erc20', id: null }
    : { ...parts, kind: 'item', of: 'erc721', id: BigInt(c) };
}

/** A question to a contract that changes nothing; null when it was refused. */
export type View = (to: Hex, data: Hex) => Promise<Hex | null>;

async function ask<const A extends Abi>(
  view: View,
  to: Hex,
  abi: A,
  functionName: string,
  args: readonly unknown[],
): Promise<unknown> {
  const answer = await view(to, encodeFunctionData({ abi: abi as Abi, functionName, args }));
  if (answer === null || answer === '0x') return null;
  try {
    return decodeFunctionResult({ abi: abi as Abi, functionName, data: answer });
  } catch {
    return null;
  }
}

export async function balanceOf(view: View, token: Hex, who: Hex, id: bigint | null): Promise<bigint | null> {
  const answer =
    id === null
      ? await ask(view, token, erc20Abi, 'balanceOf', [who])
      : await ask(view, token, abi1155, 'balanceOf', [who, id]);
  return typeof answer === 'bigint' ? answer : null;
}

/** How much of what was said to be allowed is allowed now; null where the token does not say. */
export async function allowedNow(view: View, { token, kind, owner, spender, id }: Allowed): Promise<bigint | null> {
  if (kind === 'amount') {
    const answer = await ask(view, token, erc20Abi, 'allowance', [owner, spender]);
    return typeof answer === 'bigint' ? answer : null;
  }
  if (kind === 'all') return (await ask(view, token, abiAll, 'isApprovedForAll', [owner, spender])) === true ? 1n : 0n;
  const holds = await ask(view, token, abiItem, 'getApproved', [id]);
  return typeof holds === 'string' && holds.toLowerCase() === spender ? 1n : 0n;
}

/** At most so many characters of a symbol: a contract can say a novel. */
const longestSymbol = 32;

export async function factsOf(view: View, address: Hex, kind: TokenKind): Promise<TokenFacts> {
  const said = (await ask(view, address, erc20Abi, 'symbol', [])) ?? (await view(address, '0x95d89b41'));
  const decimals = kind === 'erc20' ? await ask(view, address, erc20Abi, 'decimals', []) : 0;
  return {
    address,
    kind,
    symbol: symbolFrom(said),
    decimals: typeof decimals === 'number' && decimals <= 255 ? decimals : 0,
  };
}

/** Some old tokens say theirs in 32 bytes. What would turn the line around or hide is left out. */
function symbolFrom(said: unknown): string {
  if (typeof said !== 'string') return '';
  const text = /^0x[0-9a-f]{64}$/.test(said) ? hexToString(said as Hex, { size: 32 }) : said;
  return text
    .replace(/[^\p{L}\p{N}\p{S}\p{P} ]/gu, '')
    .trim()
    .slice(0, longestSymbol);
}
