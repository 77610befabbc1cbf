import type { Logger } from '#core/host.ts';
import type { Ledger } from '../chain/ledger.ts';
import { internalError, invalidRequest, limitExceeded, parseError, RpcFailure, unknownMethod } from './failure.ts';
import { createFilters } from './filters.ts';
import { methodsOf } from './methods.ts';

/** Questions in one batch, and characters of one message. */
const mostInBatch = 100;
export const longestMessage = 1 << 20;

type Id = string | number | null;
type Answer = { readonly jsonrpc: '2.0'; readonly id: Id } & (
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: string } }
);

export interface RpcSession {
  /** @param text one question, or a list of them @returns the text of the answer; null where none is wanted */
  ask(text: string): Promise<string | null>;
}

/**
 * One client's conversation with a ledger in JSON-RPC 2.0, whatever carries it. It has filters of its own.
 *
 * @param version what `web3_clientVersion` says
 */
export function createRpcSession(ledger: Ledger, now: () => number, log: Logger, version = 'Hypha'): RpcSession {
  const methods = methodsOf(ledger, createFilters(ledger, now), version, now);

  const one = async (question: unknown): Promise<Answer | null> => {
    const { jsonrpc, id, method, params } = (question ?? {}) as Record<string, unknown>;
    const known: Id = typeof id === 'string' || typeof id === 'number' ? id : null;
    const failed = (error: RpcFailure): Answer => ({
      jsonrpc: '2.0',
      id: known,
      error: { code: error.code, message: error.message, ...(error.data === undefined ? {} : { data: error.data }) },
    });
    if (jsonrpc !== '2.0' || typeof method !== 'string' || (params !== undefined && !Array.isArray(params))) {
      return failed(new RpcFailure(invalidRequest, 'Invalid Request'));
    }
    try {
      const asked = methods.get(method);
      if (asked === undefined)
        throw new RpcFailure(unknownMethod, `The method ${method.slice(0, 64)} does not exist here.`);
      const result = await asked(params ?? []);
      // A question without an id wants no answer.
      return id === undefined ? null : { jsonrpc: '2.0', id: known, result };
    } catch (error) {
      if (error instanceof RpcFailure) return id === undefined ? null : failed(error);
      log.error({ method, error: String(error) }, 'a question to the ledger failed');
      return failed(new RpcFailure(internalError, 'The ledger could not answer.'));
    }
  };

  return {
    async ask(text) {
      const said = (error: RpcFailure) =>
        JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: error.code, message: error.message } });
      if (text.length > longestMessage)
        return said(new RpcFailure(limitExceeded, `A message has at most ${longestMessage} characters.`));
      let asked: unknown;
      try {
        asked = JSON.parse(text);
      } catch {
        return said(new RpcFailure(parseError, 'Parse error'));
      }
      if (!Array.isArray(asked)) {
        const answer = await one(asked);
        return answer === null ? null : JSON.stringify(answer);
      }
      if (asked.length === 0) return said(new RpcFailure(invalidRequest, 'Invalid Request'));
      if (asked.length > mostInBatch)
        return said(new RpcFailure(limitExceeded, `At most ${mostInBatch} questions at once.`));
      const answers: Answer[] = [];
      // One after the other: transactions of one batch often build on each other.
      for (const each of asked) {
        const answer = await one(each);
        if (answer !== null) answers.push(answer);
      }
      return answers.length === 0 ? null : JSON.stringify(answers);
    },
  };
}
