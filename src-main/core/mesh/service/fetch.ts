import { fail, isFail } from '#shared/rpc/fail.ts';
import type { EngineThread } from '../engine/engine-thread.ts';
import { parseAddress } from '../identity/ipv6-text.ts';
import type { Targets } from './targets.ts';

const timeoutMs = 60_000;

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

/** Ask a web server of somebody on the mesh. @throws Fail BAD_TARGET, NOT_FOUND, NO_ANSWER */
export async function fetchPage(
  thread: EngineThread,
  targets: Targets,
  { url, head, maxBytes }: { readonly url: string; readonly head: boolean; readonly maxBytes: number },
): Promise<Fetched> {
  const { host, port, path } = parse(url);
  // Said now, in words of its own.
  if (parseAddress(host) === null || targets.addresses(host).length === 0) targets.address(host);
  try {
    const method = head ? 'HEAD' : 'GET';
    const answer = await thread.call.httpGet({ method, host, port, path, most: maxBytes, timeout: timeoutMs });
    const text = isText(answer.headers) ? decode(answer.body) : null;
    return {
      status: answer.status,
      statusText: answer.statusText,
      headers: answer.headers.map(([name, value]) => ({ name, value })),
      text,
      body: text === null ? answer.body : null,
      more: answer.more,
    };
  } catch (error) {
    if (!isFail(error) || error.code === 'MESH_OFF') throw error;
    throw fail('NO_ANSWER', error.message, { next: error.next ?? 'Ask what stands in the way: mesh diagnose.' });
  }
}

function parse(text: string): { host: string; port: number; path: string } {
  // `ann.hypha/page` means the same as with its scheme.
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (url?.protocol !== 'http:' || url.hostname === '' || url.username !== '' || url.password !== '') {
    throw fail('BAD_TARGET', `${text} is no address of a web page on the mesh.`, {
      next: 'Type it as http://ann.hypha:8080/page. The mesh encrypts all of it; https is not needed and not spoken here.',
    });
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: url.port === '' ? 80 : Number(url.port), path: `${url.pathname}${url.search}` };
}

const isText = (headers: readonly (readonly [string, string])[]): boolean => {
  const type = headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  return /^(text\/|application\/([\w.+-]*\+)?(json|xml)\b|application\/javascript\b)/i.test(type);
};

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
