import type { Logger } from '#core/host.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { pieceMostBytes, type Replica } from '../ports.ts';
import type { Announcement } from './format/statements.ts';
import { type Answer, type Asking, batchBytes } from './format/talk.ts';
import type { Membership } from './membership.ts';
import type { DevicePeople } from './ports.ts';

/** What a device may ask that takes part: all but `meet`, which anybody in force may. */
type Wish = Exclude<Asking, { ask: 'meet' }>;

export interface AnsweringDeps {
  readonly log: Logger;
  readonly people: DevicePeople;
  readonly membership: Membership;
  /** Null while nothing is exchanged. */
  readonly replica: () => Replica | null;
}

/**
 * Answer a question of another device, out of the replica and the key log.
 *
 * @param news called when it says that it has some
 * @throws Fail LOCKED
 */
export async function answerWish(
  { log, people, membership, replica: replicaNow }: AnsweringDeps,
  theirs: Announcement,
  asking: Wish,
  signal: AbortSignal,
  news: () => void,
): Promise<Answer> {
  // At every question, as it is by now.
  if (!membership.trusts(theirs)) return { say: 'no', code: 'NOT_TRUSTED' };
  const replica = replicaNow();
  try {
    switch (asking.ask) {
      case 'log':
        return { say: 'log', log: people.log() };
      case 'news':
        news();
        return { say: 'heard' };
      case 'since': {
        if (replica === null) return { say: 'batch', batch: null };
        return { say: 'batch', batch: replica.since(theirs.device, asking.vector, batchBytes) };
      }
      case 'read': {
        if (replica === null) return { say: 'no', code: 'NOT_FOUND' };
        const length = Math.min(asking.length, pieceMostBytes);
        const bytes = await replica.read(asking.content, asking.offset, length, signal);
        return membership.trusts(theirs) ? { say: 'bytes', bytes } : { say: 'no', code: 'NOT_TRUSTED' };
      }
    }
  } catch (error) {
    if (isFail(error, 'LOCKED')) throw error;
    if (isFail(error, 'NOT_FOUND')) return { say: 'no', code: 'NOT_FOUND' };
    if (isFail(error, 'DAMAGED')) return { say: 'no', code: 'DAMAGED' };
    if (isFail(error, 'BAD_MESSAGE')) return { say: 'no', code: 'BAD_INPUT' };
    if (!signal.aborted) log.warn({ error: String(error) }, 'another device was not answered');
    return { say: 'no', code: 'INTERNAL' };
  }
}
