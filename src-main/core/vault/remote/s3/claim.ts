import { toHex } from '#core/crypto/encoding.ts';
import { identityFile } from '../../format/place-identity.ts';
import type { Clock } from '../timing.ts';
import { Trouble } from '../trouble.ts';
import type { S3Client } from './client.ts';

/** Who wants to write the mark says so under such a name first. */
const ticketPrefix = `${identityFile}.claim-`;
/** Of who was killed while claiming; by the server's own clock on both. */
const staleMs = 5 * 60_000;

export const isTicket = (key: string): boolean => key.startsWith(ticketPrefix);

/** Milliseconds between looks: a claim takes about four requests. */
const looks: readonly number[] = [30, 60, 120, 250, 500, 1000, 1500, 2000, 2000, 2000, 2000];

/**
 * Write the mark where there is none, also when many try at once and the server knows no conditional writes. Each stores a ticket of
 * its own, then looks for others; only who sees none writes the mark, and the ticket goes after that. Of two, the one whose look comes
 * second sees the other's ticket or, when that has gone already, its mark. Where several are seen the lowest ticket waits for the others
 * to go and they start anew, so that somebody gets it. Listings must show what was stored before, as S3's do since 2020 and its
 * relatives' do. `If-None-Match: *` is sent too, for servers that honour it.
 *
 * @returns false when a mark is there
 */
export async function writeMark(
  s3: S3Client,
  clock: Clock,
  mark: Uint8Array,
  pause: (ms: number) => Promise<void>,
): Promise<boolean> {
  const ticket = `${ticketPrefix}${toHex(clock.random(16))}`;
  const isThere = async (): Promise<boolean> => (await s3.size(identityFile)) !== null;
  let standing = false;
  try {
    for (const wait of looks) {
      if (!standing) {
        if (await isThere()) return false;
        await s3.put(ticket, [new Uint8Array()]);
        standing = true;
      }
      const lowest = await lowestOther(s3, ticket);
      if (lowest === null) return !(await isThere()) && (await s3.put(identityFile, [mark], true));
      if (lowest < ticket) {
        await s3.remove(ticket);
        standing = false;
      }
      await pause(wait * (0.5 + (clock.random(1)[0] ?? 0) / 256));
    }
  } finally {
    if (standing) await s3.remove(ticket);
  }
  throw new Trouble('silent', 'Somebody else is making this a place right now.', {
    next: 'Try again in some minutes.',
  });
}

/** The lowest ticket but our own; null when there is none. */
async function lowestOther(s3: S3Client, own: string): Promise<string | null> {
  let lowest: string | null = null;
  for await (const page of s3.list(ticketPrefix)) {
    const mine = page.objects.find((one) => one.key === own);
    for (const { key, modified } of page.objects) {
      if (key === own) continue;
      if (mine && mine.modified - modified >= staleMs) await s3.remove(key);
      else if (lowest === null || key < lowest) lowest = key;
    }
  }
  return lowest;
}
