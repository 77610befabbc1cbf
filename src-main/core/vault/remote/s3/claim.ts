import { toHex } from '#core/crypto/encoding.ts';
import { identityFile } from '../../format/place-identity.ts';
import type { Clock, Waits } from '../timing.ts';
import { Trouble } from '../trouble.ts';
import type { S3Client } from './client.ts';

/** Who wants to write the mark says so under such a name first. */
const ticketPrefix = `${identityFile}.claim-`;
/** Of who was killed while claiming; by the server's own clock on both. */
const staleMs = 5 * 60_000;

export const isTicket = (key: string): boolean => key.startsWith(ticketPrefix);

/**
 * Write the mark where there is none, also when two try at once and the server knows no conditional writes. Each stores a ticket of
 * its own, then looks for others: who sees one steps back. Of two, at least the one whose look comes second sees the other's
 * ticket or, when that has gone already, its mark, for a ticket goes after the mark is written. Listings must show
 * what was stored before, as S3's do since 2020 and its relatives' do. `If-None-Match: *` is sent too, for servers that honour it.
 *
 * @returns false when a mark is there
 */
export async function writeMark(
  s3: S3Client,
  clock: Clock,
  mark: Uint8Array,
  waits: Waits,
  pause: (ms: number) => Promise<void>,
): Promise<boolean> {
  const ticket = `${ticketPrefix}${toHex(clock.random(16))}`;
  for (let tried = 0; ; tried++) {
    if ((await s3.size(identityFile)) !== null) return false;
    try {
      await s3.put(ticket, [new Uint8Array()]);
      if (!(await othersClaim(s3, ticket))) {
        if ((await s3.size(identityFile)) !== null) return false;
        return await s3.put(identityFile, [mark], true);
      }
    } finally {
      await s3.remove(ticket);
    }
    const wait = waits[tried];
    if (wait === undefined) {
      throw new Trouble('silent', 'Somebody else is making this a place right now.', {
        next: 'Try again in some minutes.',
      });
    }
    // By chance, so that two who stepped back do not meet again.
    await pause(wait * (0.25 + ((clock.random(1)[0] ?? 0) / 256) * 1.5));
  }
}

async function othersClaim(s3: S3Client, own: string): Promise<boolean> {
  for await (const page of s3.list(ticketPrefix)) {
    const mine = page.objects.find((one) => one.key === own);
    for (const { key, modified } of page.objects) {
      if (key === own) continue;
      if (!mine || mine.modified - modified < staleMs) return true;
      await s3.remove(key);
    }
  }
  return false;
}
