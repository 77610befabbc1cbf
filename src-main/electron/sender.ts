import { isOwnAddress } from './navigation.ts';

/** Whether a message to main comes from our own page: right origin, and not from a frame inside it. */
export function isTrustedSender(frame: { readonly url: string; readonly isTop: boolean }): boolean {
  return frame.isTop && isOwnAddress(frame.url);
}
