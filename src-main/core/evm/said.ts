import { type Fail, fail } from '#shared/rpc/fail.ts';

/** An error of JSON-RPC as a chain answered it. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  /** Of a refused call, in hex: what the contract gave as its reason. */
  readonly data?: string;
}

/** A chain answered a question with an error. */
export const chainSaid = (name: string, { code, message, data }: RpcError): Fail =>
  fail('CHAIN_SAID', `${name} answered: ${message.slice(0, 500)}`, {
    meaning: 'Nothing was changed by this.',
    data: { code, message, ...(data === undefined ? {} : { data }) },
  });

/**
 * The answer to one question, out of its text. @throws Fail CHAIN_SAID for an error; whatever `unreadable` makes for what is no answer to it
 */
export function answerIn(text: string | null, id: number, name: string, unreadable: () => Fail): unknown {
  let said: unknown;
  try {
    said = JSON.parse(text ?? 'null');
  } catch {
    throw unreadable();
  }
  if (typeof said !== 'object' || said === null || (said as { id?: unknown }).id !== id) throw unreadable();
  const { error, result } = said as { error?: unknown; result?: unknown };
  if (error === undefined || error === null) {
    if (result === undefined) throw unreadable();
    return result;
  }
  const { code, message, data } = error as Partial<Record<keyof RpcError, unknown>>;
  if (typeof code !== 'number' || typeof message !== 'string') throw unreadable();
  throw chainSaid(name, { code, message, ...(typeof data === 'string' ? { data } : {}) });
}
