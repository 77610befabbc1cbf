import { toHex } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { fromHex } from '#core/crypto/ids.ts';
import type { AskedRoom } from '#shared/contract/vault.ts';
import { type ContactId, contactIdSchema } from '#shared/model/ids.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { VaultDeps } from '../ports.ts';
import { askFor, lookAtAll, withdraw } from '../remote/friend/knock.ts';
import { roomSecret } from '../remote/friend/target.ts';
import { Trouble } from '../remote/trouble.ts';
import { readAsked, type StoredAsked, writeAsked } from './stored.ts';

/** The room that contacts were asked for. Whoever was not there is asked as soon as they are, without the person. */
export interface Asking {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** @param root the person's vault root @throws Fail NOT_FOUND, LOCKED, MESH_OFF, TOO_MANY */
  ask(who: string, bytes: number, root: Uint8Array): Promise<StoredAsked>;
  /** @throws Fail NOT_FOUND */
  forget(who: string): Promise<void>;
  all(): readonly StoredAsked[];
  /** See now what was answered; at most now and then. */
  refresh(): void;
}

const again = 5 * 60_000;
/** Whoever looks at the list is told of an answer so soon. */
const soon = 10_000;
const most = 64;

export function createAsking(deps: VaultDeps, changed: () => void): Asking {
  const { home, host, log, streams } = deps;
  const knocking = { streams, clock: host };
  let rooms: readonly StoredAsked[] = [];
  let stopped = true;
  let cancelTimer = (): void => {};
  let lookedAt = Number.NEGATIVE_INFINITY;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const run = last.then(work, work);
    last = run.catch(() => {});
    return run;
  };
  const put = async (room: StoredAsked): Promise<void> => {
    const next = [...rooms.filter(({ contact }) => contact !== room.contact), room];
    await writeAsked(home, next);
    rooms = next;
    changed();
  };
  const idOf = (who: string): ContactId => {
    const known = rooms.find(({ contact }) => who === `@${contact}`);
    if (known !== undefined) return known.contact;
    if (streams === undefined) throw fail('NOT_FOUND', `Nobody is known as ${who}.`);
    return contactIdSchema.parse(streams.contact(who).contact);
  };

  /** Knock at the contact's devices, and ask at the one that is best for it. */
  const knock = async (asked: StoredAsked, root: Uint8Array | null): Promise<StoredAsked> => {
    if (streams === undefined) return asked;
    const { name, devices } = streams.contact(`@${asked.contact}`);
    const there = await lookAtAll(knocking, name, devices);
    const has = there.find(({ room }) => room !== null);
    if (has?.room != null) {
      const { grant, bytes } = has.room;
      const found = { ...asked, hostKey: has.hostKey, grant, agreed: bytes };
      if (bytes >= asked.bytes) return { ...found, state: 'agreed' };
      // They were asked for more: what they have said to that shows in how much there is.
      if (asked.state === 'waits' || root === null) return { ...found, state: 'agreed' };
      const answer = await askFor(knocking, has, { grant, verifier: verifierOf(root, grant), bytes: asked.bytes });
      return { ...found, state: answer.state === 'waits' ? 'waits' : 'agreed' };
    }
    const best =
      there.find(({ hostKey }) => hostKey === asked.hostKey) ??
      there.find(({ offered }) => offered >= asked.bytes) ??
      there[0];
    if (best === undefined || root === null) return asked;
    const { grant, bytes } = asked;
    const answer = await askFor(knocking, best, { grant, verifier: verifierOf(root, grant), bytes });
    return { ...asked, hostKey: best.hostKey, state: answer.state, agreed: answer.bytes };
  };

  const lookAgain = (): Promise<void> =>
    inTurn(async () => {
      lookedAt = host.now();
      for (const asked of rooms) {
        if (stopped || (asked.state !== 'waits' && asked.state !== 'away')) continue;
        const now = await knock(asked, deps.keys.root()).catch((error: unknown) => {
          if (!(error instanceof Trouble) && !isFail(error))
            log.warn({ error }, 'a contact was not asked again for room');
          return asked;
        });
        if (!stopped && JSON.stringify(now) !== JSON.stringify(asked)) await put(now);
      }
      wait();
    }).catch((error: unknown) => log.warn({ error: String(error) }, 'what contacts said to room could not be kept'));
  const wait = (): void => {
    cancelTimer();
    if (stopped || !rooms.some(({ state }) => state === 'waits' || state === 'away')) return;
    cancelTimer = host.setTimer(again, () => void lookAgain());
  };

  return {
    async start() {
      stopped = false;
      rooms = await readAsked(home);
      wait();
    },
    async stop() {
      stopped = true;
      cancelTimer();
      await last;
    },
    all: () => rooms,
    refresh() {
      if (
        Math.abs(host.now() - lookedAt) >= soon &&
        rooms.some(({ state }) => state !== 'agreed' && state !== 'refused')
      ) {
        void lookAgain();
      }
    },
    ask: (who, bytes, root) =>
      inTurn(async () => {
        const contact = idOf(who);
        const before = rooms.find((one) => one.contact === contact);
        if (before === undefined && rooms.length >= most) {
          throw fail('TOO_MANY', `${most} contacts were asked already.`, { next: 'Take one question back first.' });
        }
        // One that was refused is over: the next question is another.
        const same = before !== undefined && before.state !== 'refused';
        const grant = same ? before.grant : toHex(host.random(16));
        const hostKey = before?.hostKey ?? null;
        const asked: StoredAsked = { contact, hostKey, grant, bytes, state: 'away', agreed: 0, at: host.now() };
        const now = await knock(asked, root).catch((error: unknown) => {
          if (!(error instanceof Trouble)) throw error;
          if (isFail(error.cause, 'MESH_OFF')) throw error.cause;
          return asked;
        });
        await put(now);
        wait();
        return now;
      }),
    forget: (who) =>
      inTurn(async () => {
        const contact = idOf(who);
        const asked = rooms.find((one) => one.contact === contact);
        if (asked === undefined) throw fail('NOT_FOUND', `${who} was not asked for room.`);
        const next = rooms.filter((one) => one !== asked);
        await writeAsked(home, next);
        rooms = next;
        changed();
        if (asked.state !== 'waits' || asked.hostKey === null) return;
        // They see an old question otherwise, and may agree to it; nothing more.
        await withdraw(
          knocking,
          { friend: streams?.nameOf(contact) ?? who, hostKey: asked.hostKey },
          asked.grant,
        ).catch(() => {});
      }),
  };
}

const verifierOf = (root: Uint8Array, grant: string): Uint8Array =>
  sha256(fromHex(roomSecret(root, grant)) ?? new Uint8Array(0));

/** As the contract shows it. */
export const describeAsked = (
  { contact, bytes, state, agreed, at }: StoredAsked,
  name: string | null,
  used: boolean,
): AskedRoom => ({ contact, name, bytes, state, agreed, at, used });
