import { networkInterfaces } from 'node:os';
import type { Handlers } from '#core/broker/handlers.ts';
import type { pairingContract } from '#shared/contract/pairing.ts';
import { type PairingDeps, PairingService } from './service.ts';

export interface PairingPart {
  readonly handlers: Handlers<typeof pairingContract>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Adding another device of the same person, over the network that both are in. */
export function createPairing(deps: Omit<PairingDeps, 'addresses'>): PairingPart {
  const service = new PairingService({ ...deps, addresses: ownAddresses });
  return {
    handlers: {
      'pairing.status': () => service.status(),
      'pairing.offer': async (_, context) => {
        const shown = await service.offer();
        context.undo('pairing.cancel', {});
        return shown;
      },
      'pairing.join': ({ at, name }, context) => {
        const shown = service.join(at, name);
        context.undo('pairing.cancel', {});
        return shown;
      },
      'pairing.answer': ({ code, equal, withKeys }) => service.answer(code, { equal, withKeys }),
      'pairing.protect': ({ passphrase }) => service.protect(passphrase),
      'pairing.cancel': () => service.cancel(),
    },
    start: async () => {},
    stop: async () => void service.cancel(),
  };
}

/** IPv4 first, which people rather type; nothing that is valid on one link only. */
function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const usable = all.filter(({ internal, address }) => !internal && !/^(fe80|169\.254)/i.test(address));
  const sorted = usable.sort((a, b) => a.family.localeCompare(b.family)).map(({ address }) => address);
  return [...new Set(sorted)].slice(0, 6).concat(sorted.length === 0 ? ['127.0.0.1'] : []);
}
