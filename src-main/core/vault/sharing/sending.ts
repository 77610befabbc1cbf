import type { TaskContext } from '#core/broker/handlers.ts';
import { randomId } from '#core/crypto/ids.ts';
import type { ItemId } from '#shared/model/ids.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { Core, Session } from '../core.ts';
import { readFile } from '../service/read.ts';
import type { Node } from '../tree.ts';
import { failures } from './failures.ts';
import { type arrivalHow, pieceBytes, type SharedEntry } from './format/asking.ts';
import type { Taken } from './records.ts';
import type { Remote } from './remote.ts';

export interface SentBack {
  readonly item: SharedEntry;
  readonly how: (typeof arrivalHow)[number];
  readonly bytes: number;
}

/** How often a file is begun anew, where the owner's device has forgotten what had come of it. */
const beginnings = 5;

/**
 * Send a file of the person's own vault into a share that may be written to. After a cut it goes on from where the owner's device
 * says it is.
 *
 * @param replaces the file of the share that this is a new version of; null for a new file in the folder `into`
 */
export async function sendBack(
  core: Core,
  session: Session,
  remote: Remote,
  fresh: () => Taken,
  node: Node,
  to: { readonly replaces: ItemId | null; readonly into: ItemId | null },
  context: TaskContext,
): Promise<SentBack> {
  const signal = AbortSignal.any([context.signal, session.signal]);
  const { id, size, modified } = node;
  const name = node.name.normalize('NFC');
  let last: unknown = null;
  for (let begun = 0; begun < beginnings; begun++) {
    const upload = randomId(core.deps.host.random);
    try {
      const begin = () =>
        remote.ask(fresh, { ask: 'send', upload, ...to, name, size, modified }, 'received', signal, true);
      let { received } = await begin();
      while (received < size) {
        const from = received;
        for await (const bytes of inPieces(readFile(session, id, from, size - from, signal))) {
          const answer = await remote.ask(
            fresh,
            { ask: 'piece', upload, offset: received, bytes },
            'received',
            signal,
            true,
          );
          const expected = received + bytes.length;
          ({ received } = answer);
          if (received > size) throw failures.strange(fresh().name);
          context.progress(received);
          await context.rest();
          if (received !== expected) break;
        }
        if (received === from) throw failures.changedMeanwhile();
      }
      const { item, how } = await remote.ask(fresh, { ask: 'done', upload }, 'arrived', signal, true);
      return { item, how, bytes: size };
    } catch (error) {
      if (signal.aborted)
        await remote.ask(fresh, { ask: 'stop', upload }, 'stopped', AbortSignal.timeout(2_000)).catch(() => {});
      // What had come was forgotten there, by a lock or a new start: from the beginning.
      if (!isFail(error, 'INTERRUPTED') || signal.aborted) throw error;
      last = error;
    }
  }
  throw last;
}

/** The same bytes in pieces as long as one question takes. */
async function* inPieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let length = 0;
  for await (const piece of source) {
    held.push(piece);
    length += piece.length;
    while (length >= pieceBytes) {
      const all = new Uint8Array(Buffer.concat(held));
      yield all.subarray(0, pieceBytes);
      held = [all.slice(pieceBytes)];
      length = all.length - pieceBytes;
    }
  }
  if (length > 0) yield new Uint8Array(Buffer.concat(held));
}
