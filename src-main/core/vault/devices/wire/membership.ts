import type { Logger } from '#core/host.ts';
import type { DeviceId } from '#shared/model/ids.ts';
import { circleOf, isTrusted, type Trusted } from './circle.ts';
import { type Announcement, accept, decodeAcceptance, encodeAcceptance, holds } from './format/statements.ts';
import { acceptancesMost } from './format/talk.ts';
import type { DevicePeople, KnownDevice } from './ports.ts';
import type { DevicesStore } from './store.ts';

/** Who takes part, as this device sees it now. */
export interface Membership {
  /** Look again, after the key log or the acceptances changed. @returns whether anybody came or went */
  refresh(): boolean;
  /** Other devices that were not revoked. */
  inForce(): readonly KnownDevice[];
  /** By its mesh key; null for who is no device in force. */
  byMesh(mesh: string): KnownDevice | null;
  members(): readonly DeviceId[];
  /** This very key of a device in force was accepted here, or at a device that was. */
  trusts(one: Announcement): boolean;
  /** Accept a device by the key it shows. @returns whether that is new */
  accept(one: Announcement, at: number): boolean;
  /** What was accepted, by whom, for others to know; each signed. */
  acceptances(): Uint8Array[];
  /** Take in what another device tells; what is not signed by a device in force is nothing. @returns whether anything was new */
  hear(acceptances: readonly Uint8Array[]): boolean;
}

export function createMembership(people: DevicePeople, store: DevicesStore, log: Logger): Membership {
  let circle: ReadonlyMap<DeviceId, Trusted> = new Map();
  let others: readonly KnownDevice[] = [];
  let inForce = new Set<DeviceId>();

  const look = (): boolean => {
    const all = people.list();
    others = all.filter(({ current, revokedAt }) => !current && revokedAt === null);
    inForce = new Set(all.filter(({ revokedAt }) => revokedAt === null).map(({ id }) => id));
    // A revoked device never comes back under its id: what it said, and what was said of it, is worth nothing any more.
    const revoked = new Set(all.filter(({ revokedAt }) => revokedAt !== null).map(({ id }) => id));
    if (store.acceptances().some(({ by, device }) => revoked.has(by) || revoked.has(device))) {
      store.dropAcceptances(({ by, device }) => revoked.has(by) || revoked.has(device));
    }
    const self = store.self();
    const before = circle;
    circle =
      self === null || !inForce.has(self.device)
        ? new Map()
        : circleOf(self.device, store.acceptances(), (device) => inForce.has(device));
    return before.size !== circle.size || [...circle.keys()].some((device) => !before.has(device));
  };

  return {
    refresh: look,
    inForce: () => others,
    byMesh: (mesh) => others.find((one) => one.mesh === mesh) ?? null,
    members: () => [...circle.keys()],
    trusts: (one) => inForce.has(one.device) && isTrusted(circle, one.device, one.kem),
    accept(one, at) {
      const self = store.self();
      const made = self && accept(self.device, one, at, people.sign);
      if (made === null) return false;
      const added = store.addAcceptance(made);
      look();
      return added;
    },
    // One by a device that is out leads nowhere.
    acceptances: () =>
      store
        .acceptances()
        .filter(({ by, device }) => inForce.has(by) && inForce.has(device))
        .slice(0, acceptancesMost)
        .map(encodeAcceptance),
    hear(told) {
      let added = false;
      for (const bytes of told) {
        const one = decodeAcceptance(bytes);
        // What this device accepted itself it knows.
        if (one === null || one.by === store.self()?.device || !inForce.has(one.by)) continue;
        if (!holds(one, people.verify)) {
          log.warn({ by: one.by }, 'a device told of an acceptance that is not signed by who it names');
          continue;
        }
        if (store.addAcceptance(one)) added = true;
      }
      if (added) look();
      return added;
    },
  };
}
