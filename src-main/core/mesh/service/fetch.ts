import { fail, isFail } from '#shared/rpc/fail.ts';
import type { EngineThread } from '../engine/engine-thread.ts';
import type { HttpAnswer } from '../netstack/proxy/http-get.ts';
import type { Targets } from './targets.ts';

const timeoutMs = 60_000;
/** Pages asked for at one time: of each the body is held whole. */
const mostAtOnce = 16;

export interface Fetched {
  readonly status: number;
  readonly statusText: string;
  readonly headers: { readonly name: string; readonly value: string }[];
  /** The body, where it is text in UTF-8; else null. */
  readonly text: string | null;
  /** The body otherwise; null where it is text. */
  readonly body: Uint8Array | null;
  readonly more: boolean;
}

export interface Wanted {
  readonly url: string;
  readonly head: boolean;
  readonly maxBytes: number;
}

/** Asks web servers of people on the mesh. @throws Fail BAD_TARGET, NOT_FOUND, LOCKED, NO_ANSWER, BAD_ANSWER, BUSY, CANCELLED */
export type FetchPage = (
  thread: EngineThread,
  targets: Targets,
  wanted: Wanted,
  signal: AbortSignal,
) => Promise<Fetched>;

/** How it failed to be asked; `data.why` keeps which it was. */
const unanswered: ReadonlySet<string> = new Set(['REFUSED', 'UNREACHABLE', 'RESET', 'TIMED_OUT']);

export function createFetch(): FetchPage {
  let running = 0;
  let questions = 0;
  return async (thread, targets, { url, head, maxBytes }, signal) => {
    const { host, port, path } = parse(url);
    // Said now, in words of its own.
    targets.address(host);
    if (running >= mostAtOnce) {
      throw fail('BUSY', `${mostAtOnce} pages are being read already.`, {
        next: 'Try again when one of them is there.',
      });
    }
    signal.throwIfAborted();
    running++;
    const id = `${++questions}`;
    // The node may end in this moment, and the question with it.
    const giveUp = (): void => void thread.call.giveUpHttp(id).catch(() => {});
    signal.addEventListener('abort', giveUp);
    try {
      const method = head ? 'HEAD' : 'GET';
      return shown(await thread.call.httpGet(id, { method, host, port, path, most: maxBytes, timeout: timeoutMs }));
    } catch (error) {
      if (!isFail(error) || !unanswered.has(error.code)) throw error;
      const { code: why, message, next = 'Ask what stands in the way: mesh diagnose.' } = error;
      throw fail('NO_ANSWER', message, { next, data: { why } });
    } finally {
      running--;
      signal.removeEventListener('abort', giveUp);
    }
  };
}

function shown({ status, statusText, headers, body, more }: HttpAnswer): Fetched {
  const text = isText(headers) ? decode(body, more) : null;
  return {
    status,
    statusText,
    headers: headers.map(([name, value]) => ({ name, value })),
    text,
    body: text === null ? body : null,
    more,
  };
}

function parse(text: string): { host: string; port: number; path: string } {
  // `ann.hypha/page` means the same as with its scheme; what is asked for may hold another address.
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  const named = url !== null && url.hostname !== '' && url.username === '' && url.password === '' && url.port !== '0';
  if (!named || url.protocol !== 'http:') {
    throw fail('BAD_TARGET', `${text} is no address of a web page on the mesh.`, {
      next: 'Type it as http://ann.hypha:8080/page. The mesh encrypts all of it; https is not needed and not spoken here.',
    });
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: url.port === '' ? 80 : Number(url.port), path: `${url.pathname}${url.search}` };
}

const isText = (headers: readonly (readonly [string, string])[]): boolean => {
  const type = headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  // What is in another encoding may read as UTF-8 all the same, and as something else: UTF-16 does.
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type)?.[1] ?? 'utf-8';
  if (!/^(utf-?8|us-ascii)$/i.test(charset)) return false;
  return /^(text\/|application\/([\w.+-]*\+)?(json|xml)\b|application\/javascript\b)/i.test(type);
};

/** @param more it was cut off, and that may be within a character, which is left out then */
function decode(bytes: Uint8Array, more: boolean): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: more });
  } catch {
    return null;
  }
}
