import { fromHex } from '#core/crypto/encoding.ts';

/** Whoever answers about a ledger: the connection to its operator, as it is opened when it is needed. */
export interface Source {
  /** @throws PeerSaid, ConnectionLost, Fail */
  ask(method: string, params: readonly unknown[]): Promise<unknown>;
  /** Many of one kind at once, answers in their order. */
  askAll(method: string, params: readonly (readonly unknown[])[]): Promise<unknown[]>;
}

/** An answer that does not fit what the operator signed: whoever gave it is not believed. */
export class WrongAnswer extends Error {}

/** @throws WrongAnswer */
export function bytesSaid(value: unknown): Uint8Array {
  const bytes = typeof value === 'string' && value.startsWith('0x') ? fromHex(value.slice(2).toLowerCase()) : null;
  if (bytes === null) throw new WrongAnswer('something that is no bytes');
  return bytes;
}
