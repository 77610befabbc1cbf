import { utf8 } from '#core/crypto/bytes.ts';
import {
  decodePlaceIdentity,
  encodePlaceIdentity,
  identityFile,
  type PlaceIdentity,
} from '../../format/place-identity.ts';
import type { Inspection } from '../../places/inspect.ts';
import { createHealth, type RemoteBackend } from '../remote-backend.ts';
import { type Clock, pauseFor } from '../timing.ts';
import { Trouble } from '../trouble.ts';
import { isTicket, writeMark } from './claim.ts';
import { createS3Client, type S3Client, type S3Tuning } from './client.ts';
import { readS3Options, type S3Options } from './options.ts';
import { usualDeadlines } from './transport.ts';

const usual: S3Tuning = { deadlines: usualDeadlines, waits: [250, 1000, 3000], connections: 8 };
/** A look is asked for by a person who waits, and again soon by the vault itself. */
const quick: S3Tuning = {
  deadlines: { idleMs: 8000, requestMs: 12_000, msPerByte: 1 / 8 },
  waits: [250],
  connections: 2,
};
/** A mark is far shorter. */
const markBytes = 64 * 1024;

/**
 * A place in a bucket of any server that speaks S3, path-style. A shard is an object: it is there whole or not at all, durable when the
 * server has answered, and seen by every later listing. How much is free nobody says.
 *
 * @throws BAD_INPUT for options that cannot be right
 */
export function createS3Backend(options: S3Options, clock: Clock, tuning: Partial<S3Tuning> = {}): RemoteBackend {
  const target = readS3Options(options);
  const device = `host:${target.host}`;
  const s3 = createS3Client(target, clock, { ...usual, ...tuning });
  const looking = createS3Client(target, clock, { ...quick, ...tuning });
  const stopping = new AbortController();
  const { reading, writing, writable, reason } = createHealth(clock);
  const seen = (kind: Inspection['kind'], identity: PlaceIdentity | null = null): Inspection => {
    const reached = kind !== 'silent' && kind !== 'unreadable' && kind !== 'absent';
    return { kind, identity, writable: reached && writable(), device, free: null };
  };
  const isMarked = async (vault: string, place: string, client: S3Client = looking): Promise<boolean> => {
    const mark = decodePlaceIdentity((await client.text(identityFile, markBytes)) ?? '');
    return mark !== null && mark.vault === vault && mark.place === place;
  };

  return {
    async inspect() {
      try {
        const text = await reading(looking.text(identityFile, markBytes));
        if (text !== null) {
          const identity = decodePlaceIdentity(text);
          return seen(identity ? 'place' : 'bad-mark', identity);
        }
        return seen((await reading(holdsNothing(looking))) ? 'empty' : 'unmarked');
      } catch (error) {
        const kind = error instanceof Trouble ? error.kind : 'broken';
        if (kind === 'absent') return seen('absent');
        return seen(kind === 'silent' || kind === 'closed' ? 'silent' : 'unreadable');
      }
    },
    isMarked: (vault, place) => reading(isMarked(vault, place)).catch(() => false),
    async claim(identity) {
      const pause = (ms: number) => pauseFor(clock, ms, stopping.signal);
      await writing(writeMark(s3, clock, utf8(encodePlaceIdentity(identity)), pause));
      // Ours, whoever wrote it: an answer that was lost on the way left it there too.
      return reading(isMarked(identity.vault, identity.place, s3));
    },
    async unclaim(vault, place) {
      if (await reading(isMarked(vault, place, s3))) await writing(s3.remove(identityFile));
    },
    store: {
      async put(name, parts, taken) {
        await writing(s3.put(name, parts));
        taken?.();
      },
      async settle() {},
      read: (name, offset, target) =>
        target.length === 0
          ? reading(s3.size(name)).then((size) => size !== null && size >= offset)
          : reading(s3.read(name, offset, target)),
      size: (name) => reading(s3.size(name)),
      remove: (name) => writing(s3.remove(name)),
      async list(directory) {
        const names: string[] = [];
        for await (const page of s3.list(`${directory}/`)) {
          for (const { key } of page.objects) if (key !== `${directory}/`) names.push(key);
          for (const prefix of page.prefixes) names.push(prefix.replace(/\/+$/, ''));
        }
        return names;
      },
    },
    async close() {
      stopping.abort(new Trouble('closed', 'The connection was ended.'));
      s3.close();
      looking.close();
    },
    reason,
  };
}

/** Tickets of who claims right now, or was killed at it, are nothing. */
async function holdsNothing(s3: S3Client): Promise<boolean> {
  for await (const page of s3.list('')) {
    // Some tools store an empty object under the prefix itself, to show it as a folder.
    if (page.prefixes.length > 0 || page.objects.some(({ key }) => key !== '' && !isTicket(key))) return false;
  }
  return true;
}
