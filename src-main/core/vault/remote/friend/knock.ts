import { fromHex, toHex } from '#core/crypto/encoding.ts';
import type { MeshStreams } from '../../ports.ts';
import type { Clock } from '../timing.ts';
import { Trouble } from '../trouble.ts';
import { dialFriend } from './dial.ts';
import { openSession, usualTuning } from './link.ts';
import type { Session } from './session.ts';
import { type AskState, version } from './wire/messages.ts';
import { oddTrouble } from './words.ts';

/** Who is asked about room: one device of a contact. */
export interface Door {
  /** As the person calls them. */
  readonly friend: string;
  readonly hostKey: string;
}

/** What a contact's device has for us. Bytes; `room` is null where there is none. */
export interface AtDoor extends Door {
  readonly offered: number;
  readonly room: { readonly grant: string; readonly bytes: number } | null;
}

interface KnockDeps {
  readonly streams: MeshStreams | undefined;
  readonly clock: Clock;
}

const knockMs = 8_000;

async function at<T>({ streams, clock }: KnockDeps, { friend, hostKey }: Door, work: (session: Session) => Promise<T>) {
  const over = new AbortController();
  const done = new Trouble('closed', 'The connection was ended.');
  const dial = dialFriend(streams, hostKey);
  const timing = { ...usualTuning, dialMs: knockMs, stallMs: knockMs };
  const session = await openSession({ friend, dial }, clock, timing, over.signal);
  try {
    return await work(session);
  } finally {
    session.end(done);
  }
}

/** See what room there is for us at a device. @throws Trouble */
export const look = (deps: KnockDeps, door: Door): Promise<AtDoor> =>
  at(deps, door, async (session) => {
    const answer = await session.ask({ kind: 'mine', version });
    if (answer.kind !== 'mine') throw oddTrouble(door.friend);
    const { offered, room } = answer;
    return { ...door, offered, room: room === null ? null : { grant: toHex(room.grant), bytes: room.bytes } };
  });

/** Those of a contact's devices that answer, in the order given. @throws Trouble, of the first, where none does */
export async function lookAtAll(deps: KnockDeps, friend: string, devices: readonly string[]): Promise<AtDoor[]> {
  // Far more than anybody has.
  const seen = await Promise.allSettled(devices.slice(0, 16).map((hostKey) => look(deps, { friend, hostKey })));
  const there = seen.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const [first] = seen;
  if (there.length === 0 && first?.status === 'rejected') throw first.reason;
  return there;
}

/** Ask for room. @param verifier SHA-256 of the secret that will open it, 32 bytes @throws Trouble */
export const askFor = (
  deps: KnockDeps,
  door: Door,
  wanted: { readonly grant: string; readonly verifier: Uint8Array; readonly bytes: number },
): Promise<{ readonly state: AskState; readonly bytes: number }> =>
  at(deps, door, async (session) => {
    const { verifier, bytes } = wanted;
    const answer = await session.ask({ kind: 'ask', version, grant: grantOf(wanted.grant), verifier, bytes });
    if (answer.kind !== 'asked') throw oddTrouble(door.friend);
    return { state: answer.state, bytes: answer.bytes };
  });

export const withdraw = (deps: KnockDeps, door: Door, grant: string): Promise<void> =>
  at(deps, door, async (session) => {
    await session.ask({ kind: 'withdraw', version, grant: grantOf(grant) });
  });

function grantOf(text: string): Uint8Array {
  const grant = fromHex(text);
  if (grant?.length !== 16) throw new Error('a room is named by 32 hex digits');
  return grant;
}
