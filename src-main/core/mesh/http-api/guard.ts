import type { IncomingMessage } from 'node:http';
import { forbidden, Refusal } from './answer.ts';

/**
 * Whether a request comes from a program of this computer, and not from a page in a browser. A page can send requests to a
 * loopback port: with `Origin`, as the browser adds it, or as an image or a link, where only `Sec-Fetch-Site` and `Referer`
 * tell, and a plain GET takes a message out. (`Sec-Fetch-Mode` tells nothing: the `fetch` of Node sends it too.) By DNS
 * rebinding it can also come under a name of its own, which `Host` tells.
 *
 * @returns why it is refused; null when it is not
 */
export function refusalOf(request: IncomingMessage, port: number): Refusal | null {
  const hosts = request.headersDistinct.host ?? [];
  const own = [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
  if (hosts.length !== 1 || !own.includes((hosts[0] ?? '').toLowerCase())) {
    return new Refusal(421, 'This interface answers on loopback only, by address or as localhost.');
  }
  const { origin, referer, 'sec-fetch-site': site } = request.headers;
  if (origin !== undefined || referer !== undefined || site !== undefined) {
    return forbidden('This interface is for programs, not for pages in a browser.');
  }
  return null;
}
