import { relayIdSchema } from '#shared/contract/mesh/index.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { addressText } from '../identity/ipv6-text.ts';
import type { Relays } from './relays.ts';
import type { Targets } from './targets.ts';

/** Offers that another part of Hypha makes for itself: exposures, listed and kept like those of the person. */
export interface Offers {
  keep(who: readonly string[]): string[];
  show(kept: readonly string[]): string[];
  /** In place of the offer `instead`. At another port of the mesh address where that one is taken. @throws Fail TOO_MANY, IN_USE */
  offer(
    localPort: number,
    port: number,
    allow: readonly string[],
    instead: string | null,
  ): Promise<{ readonly id: string; readonly port: number }>;
  withdraw(offer: string): Promise<void>;
  address(): string | null;
}

export interface OffersDeps {
  readonly relays: Relays;
  readonly targets: Targets;
  /** 16 bytes; null before this device is on the mesh. */
  readonly address: () => Uint8Array | null;
  readonly changed: () => void;
}

export function createOffers({ relays, targets, address, changed }: OffersDeps): Offers {
  const withdraw = async (offer: string): Promise<void> => {
    try {
      await relays.removeExposure(relayIdSchema.parse(offer));
    } catch (error) {
      // The person took it back already.
      if (!isFail(error, 'NOT_FOUND')) throw error;
    }
    changed();
  };
  /** Contacts that were removed since are nobody. */
  const isKnown = (who: string): boolean => {
    try {
      return targets.keep([who]).length > 0;
    } catch (error) {
      if (isFail(error)) return false;
      throw error;
    }
  };
  return {
    keep: targets.keep,
    show: targets.show,
    async offer(localPort, port, allow, instead) {
      if (instead !== null) await withdraw(instead);
      const still = allow.filter((who) => isKnown(who));
      const add = (at: number) => relays.addExposure(at, localPort, still);
      const exposure = await add(port).catch((error: unknown) => {
        if (!isFail(error, 'IN_USE') || port === localPort) throw error;
        return add(localPort);
      });
      changed();
      return { id: exposure.id, port: exposure.port };
    },
    withdraw,
    address() {
      const bytes = address();
      return bytes === null ? null : addressText(bytes);
    },
  };
}
