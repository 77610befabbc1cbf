import { z } from 'zod';
import type { RpcAddress } from './address.ts';

/** What an RPC server says to a question. */
export type Said =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: string } };

/** One server that is asked about a chain. */
export interface Endpoint {
  readonly address: RpcAddress;
  /** @throws Unanswered, and what the signal was aborted with */
  ask(method: string, params: readonly unknown[], signal?: AbortSignal): Promise<Said>;
}

/** It gave no answer that could be read. The message says why, as part of a sentence. */
export class Unanswered extends Error {}

/** Questions at one server at once, and those that wait for it. */
const mostAtOnce = 16;
const mostWaiting = 500;
/** Characters of one answer: blocks and lists of logs are the longest. */
const longestAnswer = 32 * 1024 * 1024;
const deadlineMs = 20_000;

const answerSchema = z.object({
  id: z.union([z.number(), z.string(), z.null()]).optional(),
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }).nullish(),
});

/** @param withinMs how long one question may take */
export function createEndpoint(address: RpcAddress, withinMs = deadlineMs): Endpoint {
  let asked = 0;
  let running = 0;
  const waiting: (() => void)[] = [];

  const turn = async (): Promise<void> => {
    if (running >= mostAtOnce) {
      if (waiting.length >= mostWaiting) throw new Unanswered('too many questions wait for it');
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    running += 1;
  };
  const done = (): void => {
    running -= 1;
    waiting.shift()?.();
  };

  return {
    address,
    async ask(method, params, signal) {
      await turn();
      const late = AbortSignal.timeout(withinMs);
      try {
        signal?.throwIfAborted();
        asked += 1;
        const id = asked;
        const response = await fetch(address.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/json' },
          body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
          // Another host than the person named is nobody that she chose.
          redirect: 'error',
          signal: signal === undefined ? late : AbortSignal.any([late, signal]),
        });
        return saidIn(await textOf(response), id, response.status);
      } catch (error) {
        if (error instanceof Unanswered || signal?.aborted === true) throw error;
        throw new Unanswered(late.aborted ? 'it took too long' : causeOf(error));
      } finally {
        done();
      }
    },
  };
}

async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    // Leaving the loop ends the connection.
    if (text.length > longestAnswer) throw new Unanswered('its answer is too long');
  }
  return text + decoder.decode();
}

/** Servers also say errors with a status of failure: what counts is whether it is JSON-RPC. */
function saidIn(text: string, id: number, status: number): Said {
  let answer: z.output<typeof answerSchema>;
  try {
    answer = answerSchema.parse(JSON.parse(text));
  } catch {
    throw new Unanswered(status === 200 ? 'its answer is not JSON-RPC' : `it answered ${status}`);
  }
  const { error } = answer;
  if (error) {
    // It is busy or wants a key: another server may answer.
    if (status === 429 || status === 401 || status === 403 || error.code === -32_005)
      throw new Unanswered(`it said: ${error.message.slice(0, 200)}`);
    const data = typeof error.data === 'string' ? { data: error.data } : {};
    return { error: { code: error.code, message: error.message.slice(0, 1_000), ...data } };
  }
  if (answer.id !== id || answer.result === undefined) throw new Unanswered('its answer is not to what was asked');
  return { result: answer.result };
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as { code?: unknown }).code;
  if (code === 'ECONNREFUSED') return 'nothing answers there';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'there is no such server';
  return cause instanceof Error ? cause.message : String(cause);
}
