import type { PlaceBackend } from './backend.ts';

/** In the stead of a place that cannot even be asked, with the reason: what opens it is sealed, or its address makes no sense. */
export function createStandIn(device: string, reason: { readonly text: string; readonly next: string }): PlaceBackend {
  const refuse = async (): Promise<never> => {
    throw new Error(reason.text);
  };
  return {
    inspect: async () => ({ kind: 'unreadable', identity: null, writable: false, device, free: null }),
    isMarked: async () => false,
    claim: refuse,
    unclaim: refuse,
    reason: () => reason,
    store: { put: refuse, settle: refuse, read: refuse, size: refuse, remove: refuse, list: refuse },
    async close() {},
  };
}
