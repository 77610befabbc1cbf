import { utf8 } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/encoding.ts';
import {
  decodePlaceIdentity,
  encodePlaceIdentity,
  identityFile,
  type PlaceIdentity,
} from '../../format/place-identity.ts';
import type { RemoteDeps } from '../deps.ts';
import type { ZdbClient } from './client.ts';

const prefix = `${identityFile}/`;
/** No mark is longer, in bytes. */
const markMost = 4096;
/** Keys looked at for a mark. It is the first that is written in a place. */
const keysMost = 20_000;

export type Mark = PlaceIdentity | 'none' | 'bad';

export interface ZdbMark {
  /** `others`: keys that are no mark. */
  read(): Promise<{ readonly mark: Mark; readonly others: boolean }>;
  claim(identity: PlaceIdentity): Promise<boolean>;
  unclaim(vault: string, place: string): Promise<void>;
}

interface Claim {
  readonly key: string;
  readonly length: number;
}

export const isOf = (mark: Mark, vault: string, place: string): boolean =>
  typeof mark === 'object' && mark.vault === vault && mark.place === place;

/**
 * The mark of a place in a 0-db, which cannot write a key only where there is none. Who claims writes a key of its own, `hypha-place.json/`
 * and 16 random hex digits, and then looks who was first: a 0-db lists its keys in the order they were written, one order for all. **The
 * oldest is the mark**; whoever finds an older one takes back its own. Nothing is ever replaced, so however long one of two who
 * claim at once is held up in between, they agree. Who leaves removes the younger ones, if somebody left any, before its own.
 */
export function createZdbMark(client: ZdbClient, { host }: RemoteDeps): ZdbMark {
  /** The oldest when it was seen: as long as it is there it is so still. */
  let oldest: string | null = null;

  /** Claims, oldest first; all of them, or the first. */
  const find = async (all: boolean): Promise<{ claims: Claim[]; others: boolean; complete: boolean }> => {
    const claims: Claim[] = [];
    let others = false;
    let looked = 0;
    for (let page = await client.scan(); page; page = await client.scan(page.cursor)) {
      for (const { key, length } of page.entries) {
        const text = Buffer.from(key).toString('latin1');
        if (text.startsWith(prefix)) claims.push({ key: text, length });
        else others = true;
      }
      looked += page.entries.length;
      if ((claims.length > 0 && !all) || page.entries.length === 0) break;
      if (looked >= keysMost) return { claims, others, complete: false };
    }
    return { claims, others, complete: true };
  };

  const load = async ({ key, length }: Claim): Promise<Mark> => {
    if (length > markMost) return 'bad';
    const value = await client.get(key);
    if (value === null) return 'none';
    return value.length > markMost ? 'bad' : (decodePlaceIdentity(new TextDecoder().decode(value)) ?? 'bad');
  };

  const read = async (): Promise<{ mark: Mark; others: boolean }> => {
    if (oldest !== null) {
      const mark = await load({ key: oldest, length: 0 });
      if (mark !== 'none') return { mark, others: true };
      oldest = null;
    }
    const { claims, others } = await find(false);
    const [first] = claims;
    if (!first) return { mark: 'none', others };
    const mark = await load(first);
    if (mark !== 'none') oldest = first.key;
    return { mark, others: true };
  };

  return {
    read,
    async claim(identity) {
      const { mark } = await read();
      if (mark !== 'none') return isOf(mark, identity.vault, identity.place);
      const own = `${prefix}${toHex(host.random(8))}`;
      await client.set(own, utf8(encodePlaceIdentity(identity)));
      const { claims } = await find(true);
      const [first] = claims;
      if (first?.key === own) {
        oldest = own;
        return true;
      }
      await client.del(own);
      // Too many other keys to see whether ours is the first, or it was taken away by one who was leaving.
      return first ? isOf(await load(first), identity.vault, identity.place) : false;
    },
    async unclaim(vault, place) {
      if (!isOf((await read()).mark, vault, place)) return;
      const { claims } = await find(true);
      if (claims[0]?.key !== oldest) return;
      for (const { key } of claims.reverse()) await client.del(key);
      oldest = null;
    },
  };
}
