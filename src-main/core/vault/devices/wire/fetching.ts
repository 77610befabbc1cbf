import type { Host, Logger } from '#core/host.ts';
import type { DeviceId } from '#shared/model/ids.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { type ContentId, pieceMostBytes, type Replica, type Wanted } from '../ports.ts';
import type { Exchange } from './exchange.ts';
import { Cut } from './framing.ts';
import { type Link, QuietNow } from './link.ts';

export interface FetchingDeps {
  readonly host: Pick<Host, 'now' | 'setTimer'>;
  readonly log: Logger;
  readonly replica: Replica;
  readonly exchange: Pick<Exchange, 'reachable' | 'connect'>;
  /** Bytes came, or something stands in the way. */
  readonly changed: () => void;
}

/** Brings the contents that are wanted here from whichever of the person's devices has them. */
export interface Fetching {
  /** What is wanted, or who is there, may have changed. */
  wake(): void;
  /** What is on its way now. */
  current(): readonly {
    readonly name: string;
    readonly size: number;
    readonly received: number;
    readonly from: DeviceId;
  }[];
  /** Bytes that came since this started. */
  bytes(): number;
  problem(): { readonly text: string; readonly next: string } | null;
  stop(): Promise<void>;
}

const filesAtOnce = 3;
/** Looked at to find one that somebody has. */
const wantsMost = 64;
/** Somebody who did not have a content, or had it wrong, may have it by then. */
const absentMs = 60_000;
/** Somebody whose connection was cut. */
const cutMs = 1_000;
const fullMs = 60_000;
/** A connection that nothing was fetched by for so long is closed. */
const idleMs = 20_000;
/** A piece that takes longer is halved, so that a slow line that is cut now and then gets on; one that is faster is doubled. */
const slowMs = 15_000;
const fastMs = 3_000;
const pieceLeastBytes = 16 * 1024;
const absentMost = 100_000;
/** Between looks at what is wanted, while something is, and while nothing is. */
const againMs = 1_500;
const quietMs = 60_000;

export function createFetching({ host, log, replica, exchange, changed }: FetchingDeps): Fetching {
  const over = new AbortController();
  const busy = new Map<ContentId, { name: string; size: number; received: number; from: DeviceId }>();
  /** Content and device, until when it is not asked for there. */
  const absent = new Map<string, number>();
  const idle = new Map<DeviceId, { readonly link: Link; readonly cancel: () => void }[]>();
  const running = new Set<Promise<void>>();
  const asking = new Set<Link>();
  let turn = 0;
  let piece = pieceMostBytes / 4;
  let total = 0;
  let trouble: { readonly text: string; readonly next: string } | null = null;
  let fullUntil = 0;
  let cancelAgain = (): void => {};

  const key = (content: ContentId, device: DeviceId): string => `${content} ${device}`;
  const isAbsent = (content: ContentId, device: DeviceId): boolean =>
    (absent.get(key(content, device)) ?? 0) > host.now();
  const setAbsent = (content: ContentId, device: DeviceId): void => {
    if (absent.size >= absentMost) absent.clear();
    absent.set(key(content, device), host.now() + absentMs);
  };

  const take = async (device: DeviceId): Promise<Link> => {
    const one = idle.get(device)?.pop();
    one?.cancel();
    return one?.link ?? exchange.connect(device, over.signal);
  };
  const giveBack = (device: DeviceId, link: Link): void => {
    if (over.signal.aborted) {
      link.close();
      return;
    }
    const all = idle.get(device) ?? [];
    idle.set(device, all);
    const one = {
      link,
      cancel: host.setTimer(idleMs, () => {
        const at = all.indexOf(one);
        if (at >= 0) all.splice(at, 1);
        link.close();
      }),
    };
    all.push(one);
  };

  /** @returns what came of it: `cut` may go on elsewhere at once */
  const fetchFrom = async (
    wanted: Wanted,
    device: DeviceId,
  ): Promise<'done' | 'absent' | 'cut' | 'full' | 'unwanted'> => {
    let link: Link | null = null;
    let whole = false;
    const progress = { name: wanted.name, size: wanted.size, received: wanted.from, from: device };
    busy.set(wanted.content, progress);
    try {
      link = await take(device);
      asking.add(link);
      for (;;) {
        if (over.signal.aborted) return 'cut';
        const offset = progress.received;
        const length = Math.max(1, Math.min(piece, wanted.size - offset));
        const began = host.now();
        const answer = await link.ask({ ask: 'read', content: wanted.content, offset, length });
        const took = Math.abs(host.now() - began);
        if (took > slowMs) piece = Math.max(pieceLeastBytes, piece / 2);
        else if (took < fastMs) piece = Math.min(pieceMostBytes, piece * 2);
        if (answer.say === 'no' && answer.code !== 'NOT_TRUSTED') {
          whole = true;
          return 'absent';
        }
        if (answer.say !== 'bytes') return 'cut';
        if (answer.bytes.length > length || (answer.bytes.length === 0 && offset < wanted.size)) return 'absent';
        const { received, done } = await replica.arrived(wanted.content, offset, answer.bytes);
        total += Math.max(0, received - offset);
        progress.received = received;
        changed();
        if (done) {
          whole = true;
          return 'done';
        }
        // It goes on from elsewhere than where this one was: with the next look at what is wanted.
        if (received !== offset + answer.bytes.length || received >= wanted.size) {
          whole = true;
          return 'cut';
        }
      }
    } catch (error) {
      if (isFail(error, 'BAD_CONTENT')) {
        log.warn({ device }, 'a device sent bytes that are not what they were said to be');
        return 'absent';
      }
      if (isFail(error, 'NOT_WANTED')) {
        whole = true;
        return 'unwanted';
      }
      if (isFail(error, 'DISK_FULL') || isFail(error, 'NOT_ENOUGH_PLACES')) {
        whole = true;
        trouble = { text: error.message, next: error.next ?? 'Make room on this computer.' };
        return 'full';
      }
      if (!(error instanceof Cut) && !(error instanceof QuietNow) && !isFail(error) && !over.signal.aborted) {
        log.warn({ error: String(error) }, 'a content could not be fetched from another device');
      }
      if (error instanceof Cut) piece = Math.max(pieceLeastBytes, piece / 4);
      return 'cut';
    } finally {
      busy.delete(wanted.content);
      if (link !== null) {
        asking.delete(link);
        if (whole) giveBack(device, link);
        else link.close();
      }
    }
  };

  const fetchOne = async (wanted: Wanted, device: DeviceId): Promise<void> => {
    const outcome = await fetchFrom(wanted, device);
    if (outcome === 'done') trouble = null;
    if (outcome === 'absent' || outcome === 'unwanted') setAbsent(wanted.content, device);
    // Cut off in the middle: soon again, and first from somebody else.
    if (outcome === 'cut') absent.set(key(wanted.content, device), host.now() + cutMs);
    if (outcome === 'full') fullUntil = host.now() + fullMs;
  };

  const isWanting = (): boolean => {
    try {
      return replica.wants(1).length > 0;
    } catch (error) {
      if (isFail(error, 'LOCKED')) return false;
      throw error;
    }
  };
  const next = (): { wanted: Wanted; device: DeviceId } | null => {
    const there = exchange.reachable();
    if (there.length === 0 || fullUntil > host.now()) return null;
    let wants: readonly Wanted[];
    try {
      wants = replica.wants(wantsMost);
    } catch (error) {
      if (isFail(error, 'LOCKED')) return null;
      throw error;
    }
    for (const wanted of wants) {
      if (busy.has(wanted.content)) continue;
      for (let i = 0; i < there.length; i++) {
        const device = there[(turn + i) % there.length];
        if (device === undefined || isAbsent(wanted.content, device)) continue;
        turn++;
        return { wanted, device };
      }
    }
    return null;
  };

  const wake = (): void => {
    if (over.signal.aborted) return;
    cancelAgain();
    while (running.size < filesAtOnce) {
      const found = next();
      if (found === null) break;
      const work = fetchOne(found.wanted, found.device)
        .catch((error: unknown) => log.error({ error: String(error) }, 'fetching from another device failed'))
        .finally(() => {
          running.delete(work);
          changed();
          wake();
        });
      running.add(work);
    }
    // Somebody who had it not may have it by then, and there may be room.
    cancelAgain = host.setTimer(isWanting() ? againMs : quietMs, wake);
  };
  wake();

  return {
    wake,
    current: () => [...busy.values()],
    bytes: () => total,
    problem: () => (fullUntil > host.now() ? trouble : null),
    async stop() {
      over.abort();
      cancelAgain();
      for (const link of asking) link.close();
      for (const all of idle.values()) {
        for (const { link, cancel } of all) {
          cancel();
          link.close();
        }
      }
      await Promise.all(running);
    },
  };
}
