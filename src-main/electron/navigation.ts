import { appOrigin } from './app-address.ts';
import { originOf } from './permissions.ts';

/** Whether the window itself may show this address. */
export function isOwnAddress(address: string): boolean {
  return originOf(address) === appOrigin;
}

/**
 * Whether the renderer may load this at all. Its own origin and what it made itself in memory; all else is cancelled,
 * whatever the page's policy says, so that a mistake in one is caught by the other.
 */
export function isOwnRequest(address: string): boolean {
  return isOwnAddress(address) || address.startsWith(`blob:${appOrigin}/`) || address.startsWith('data:image/');
}

/** Links that may be handed to the person's browser or mail program. Anything else could start a program. */
export function isSafeOutside(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return false;
  return (
    url.protocol === 'https:' || url.protocol === 'mailto:' || (url.protocol === 'http:' && isLoopback(url.hostname))
  );
}

/** Machines publish their web ports on loopback, without TLS. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
