import type { NamePeople, Signer } from './ports.ts';

/** People by their contact ids, as those parts of Hypha know them that hold keys. */
export interface KnownPeople {
  /** Whose signatures can be made and checked, for names alone. */
  readonly signing: {
    self(): Signer | null;
    keys(contact: string): {
      readonly person: string;
      verify(bytes: Uint8Array, signature: Uint8Array): boolean;
    } | null;
  };
  /** What the person's own keys signed; null while there are none. */
  readonly own: { verify(bytes: Uint8Array, signature: Uint8Array): boolean | null };
  readonly contacts: () => readonly string[];
  readonly nameOf: (contact: string) => string | null;
  readonly me: () => string | null;
  readonly skeleton: (name: string) => string;
}

/** Asks by person id what is known by contact. */
export function namePeople({ signing, own, contacts, nameOf, me, skeleton }: KnownPeople): NamePeople {
  return {
    self: signing.self,
    me,
    skeleton,
    petnames: () => contacts().flatMap((contact) => nameOf(contact) ?? []),
    check(person, bytes, signature) {
      if (person === me()) {
        const holds = own.verify(bytes, signature);
        return holds === null ? null : { holds, contact: null };
      }
      for (const contact of contacts()) {
        const keys = signing.keys(contact);
        if (keys?.person === person) return { holds: keys.verify(bytes, signature), contact: nameOf(contact) };
      }
      return null;
    },
  };
}
