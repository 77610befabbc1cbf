import type { MeshMessage } from '#shared/contract/mesh/index.ts';
import type { Tone } from '../../../ui/state.tsx';

/** What became of a message; each state has its word under `mesh.messages.states`. */
export const messageTone: Readonly<Record<MeshMessage['state'], Tone>> = {
  new: 'active',
  read: 'idle',
  waiting: 'waiting',
  received: 'ok',
  seen: 'ok',
  expired: 'failed',
  cancelled: 'paused',
};

/** Whether it arrived on some of their devices, and is kept for others. */
export function isOnSome({ state, devices }: MeshMessage): boolean {
  return devices !== null && devices.received < devices.all && (state === 'received' || state === 'seen');
}

/** The text of a message, or null when its bytes are none. */
export function textOf(data: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(data);
    // Bytes that no text holds, though they decode: then it is something else.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
    return /[\u0000-\u0008\u000e-\u001a]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

export const byteLength = (text: string): number => new TextEncoder().encode(text).length;
