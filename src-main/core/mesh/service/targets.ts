import { meshAddressSchema } from '#shared/contract/mesh/index.ts';
import { whomMarks } from '#shared/contract/mesh/whom.ts';
import { contactMark, everybody } from '#shared/model/firewall-rule.ts';
import { nearest } from '#shared/model/nearest.ts';
import { type Fail, fail } from '#shared/rpc/fail.ts';
import { isOverlayAddress } from '../identity/address.ts';
import { addressText, parseAddress } from '../identity/ipv6-text.ts';
import type { Names } from './ports.ts';

/** What people write to say whom they mean, made into addresses. */
export interface Targets {
  /** All addresses meant, 16 bytes each, best first; empty when nobody is known by that name. */
  addresses(target: string): readonly Uint8Array[];
  /** The best one. @throws Fail NOT_FOUND */
  address(target: string): Uint8Array;
  isName(target: string): boolean;
  /** The contact that is meant with all their devices; null for an address, an own device and whoever is not known. */
  contactOf(target: string): string | null;
  /** Whose device has this address, 16 bytes; null where it is no contact's. */
  contactAt(address: Uint8Array): string | null;
  /** Who is meant by nothing, not even by `everybody`; 16 bytes each. */
  blocked(): readonly Uint8Array[];
  /** What is to be said of a kept target that is shown as nobody. */
  goneWords(kept: string): string;
  /** Of contacts; false before the first unlock of a run. */
  namesKnown(): boolean;
  unknown(target: string): Fail;
  /** A name with what it stands for now, and whether anybody made sure of that; for questions. */
  say(target: string): string;
  /**
   * The form in which a list is kept: who was meant, and not what they were called, so that it holds while locked, when names are
   * not known, and for nobody else who gets the name later. @throws Fail NOT_FOUND, LOCKED for a name that nobody is known by
   */
  keep(list: readonly string[]): string[];
  /** A kept list as it is shown; taken again as input it means the same. */
  show(kept: readonly string[]): string[];
}

/** In the place of a topic's list: it has no rule of its own any more. */
export const byDefault = 'default';
const special: ReadonlySet<string> = new Set([everybody, byDefault]);
/** So many names are told whole where one was not found. */
const mostTold = 8;

/** @param isLocked while it is, somebody who is not known may yet have that name */
export function createTargets(names: Names, isLocked: () => boolean = () => false): Targets {
  const asAddress = (target: string): Uint8Array | null => {
    const bytes = meshAddressSchema.safeParse(target).success ? parseAddress(target) : null;
    return bytes !== null && isOverlayAddress(bytes) ? bytes : null;
  };
  const namesKnown = (): boolean => !isLocked() || names.all().some((name) => !name.endsWith('.me'));
  const unknown = (target: string): Fail =>
    target.includes(':')
      ? noAddress(target)
      : isLocked()
        ? unnamed(target)
        : names.isBlocked(target)
          ? blocked(target)
          : nobody(target);
  const blocked = (target: string): Fail =>
    fail('NOT_FOUND', `${target} is blocked: nothing goes to them or comes from them.`, {
      next: 'Unblock them in your contacts first.',
    });
  /** No name has a colon. */
  const noAddress = (target: string): Fail =>
    fail('NOT_FOUND', `${target} is no address of the mesh.`, {
      next: 'Addresses of the mesh begin with 4 or 5, like 4a2:…; type one of those, or a name like ann.hypha.',
    });
  const unnamed = (target: string): Fail =>
    fail('LOCKED', `Who ${target} is, is not known while Hypha is locked.`, {
      meaning: 'Nothing was changed.',
      next: 'Unlock with your passphrase, or give an address.',
    });
  const nobody = (target: string): Fail =>
    fail('NOT_FOUND', `Nobody is known as ${target}.`, {
      next: whoElse(target),
    });
  const gone = (): Fail =>
    fail('NOT_FOUND', 'Somebody who was meant is not among your contacts any more.', {
      meaning: 'Nothing was changed.',
      next: 'Add them again, or leave them out.',
    });
  const whoElse = (target: string): string => {
    const all = names.all();
    const near = nearest(target.toLowerCase().replace(/(\.hypha)?\.?$/, ''), all);
    if (near.length > 0) {
      return `Did you mean ${near.join(' or ')}? Type an address of the mesh, or add the person to your contacts first.`;
    }
    if (all.length === 0 || all.length > mostTold)
      return 'Type an address of the mesh, or add the person to your contacts first.';
    return `Known are ${all.join(', ')}. Type an address of the mesh, or add the person to your contacts first.`;
  };
  const addresses = (target: string): readonly Uint8Array[] => {
    if (target.startsWith(contactMark)) return names.contact(target.slice(1))?.addresses ?? [];
    const address = asAddress(target);
    return address === null ? names.addresses(target) : [address];
  };
  return {
    addresses,
    address(target) {
      const [best] = addresses(target);
      if (best === undefined) throw target.startsWith(contactMark) ? gone() : unknown(target);
      return best;
    },
    isName: (target) => asAddress(target) === null,
    contactOf(target) {
      if (target.startsWith(contactMark)) return target.slice(1);
      return asAddress(target) === null ? names.contactOf(target) : null;
    },
    contactAt: (address) => names.contactOf(names.nameOf(address) ?? ''),
    namesKnown,
    unknown,
    say(target) {
      const id = target.startsWith(contactMark) ? target.slice(1) : null;
      const shown = id === null ? target : (names.about(id).label ?? target);
      const [address, ...more] = addresses(target);
      if (address === undefined) return shown;
      const devices = more.length > 0 ? `, ${more.length + 1} ${whomMarks.devices}` : '';
      const name = names.nameOf(address);
      const said = asAddress(target) === null ? addressText(address) : (name ?? whomMarks.stranger);
      const contact = id ?? names.contactOf(name ?? '');
      const doubt = contact !== null && names.contact(contact)?.verified === false ? `, ${whomMarks.unverified}` : '';
      return `${shown} (${said}${devices}${doubt})`;
    },
    blocked: () => names.blocked(),
    goneWords(kept) {
      const { label, petname, state } = names.about(kept.slice(contactMark.length));
      return state === 'blocked' ? `${petname ?? label ?? 'a contact'} (blocked)` : 'a contact that is gone';
    },
    keep: (list) => [
      ...new Set(
        list.map((target) => {
          if (target === everybody) return target;
          if (target.startsWith(contactMark)) {
            if (names.about(target.slice(1)).state === 'gone') throw gone();
            return target;
          }
          const address = asAddress(target);
          if (address !== null) return addressText(address);
          const contact = names.contactOf(target);
          if (contact !== null) return `${contactMark}${contact}`;
          if (names.addresses(target).length === 0) throw unknown(target);
          return target;
        }),
      ),
    ],
    show: (kept) =>
      kept.flatMap((target) => {
        if (!target.startsWith(contactMark)) return [target];
        const contact = names.contact(target.slice(1));
        if (contact === null) return [];
        // Before the first unlock only addresses are known.
        if (contact.name === null) return contact.addresses.map((address) => addressText(address));
        // Who is called what means all or none in a list is called by the whole name.
        return [special.has(contact.name) ? `${contact.name}.hypha` : contact.name];
      }),
  };
}
