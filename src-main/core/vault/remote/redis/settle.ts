import type { RemoteDeps } from '../deps.ts';
import type { RespClient } from '../resp/client.ts';
import { type Reply, ReplyError } from '../resp/reply.ts';
import { RedisError, typed } from './errors.ts';
import { parseRedisInfo, type RedisInfo } from './info.ts';

/** How long the server may take to make durable what it has. */
const patienceMs = 120_000;
/** A log that is synced every second has been, after this, by the server's clock (Redis: `appendfsync everysec`). */
const everySecondMs = 2_000;
const settleKey = 'hypha-settle';

/**
 * Make durable what the server has answered for, as well as it can:
 *
 * - with a log (`appendonly yes`): WAITAOF, of Redis 7.2 and Valkey. Older ones say nothing when they sync: with `appendfsync
 *   always` an answered write is synced, else two seconds are waited, in which the sync of every second falls;
 * - with snapshots only: a snapshot (BGSAVE) that began after the call, of everything there is, shared by who waits for one;
 * - where neither is known: nothing; such a server keeps what it keeps by itself.
 *
 * `client` is a connection of its own, for WAITAOF holds up what comes behind it.
 */
export function createSettle(client: RespClient, { host }: RemoteDeps): () => Promise<void> {
  const pause = (ms: number): Promise<void> => new Promise((resolve) => void host.setTimer(ms, resolve));
  let waits = true;
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  const info = async (): Promise<RedisInfo | null> => {
    const [reply] = await client.batch([['INFO', 'persistence']]);
    return reply instanceof Uint8Array ? parseRedisInfo(new TextDecoder().decode(reply)) : null;
  };

  /** @returns false where the server cannot wait for its log, or has none */
  const waitForLog = async (): Promise<boolean> => {
    // It waits for what this connection has written: after a write of our own all that was answered before is in.
    const replies = await client.batch([
      ['SET', settleKey, '1'],
      ['DEL', settleKey],
      ['WAITAOF', 1, 0, 10_000],
    ]);
    const [, , reply] = replies;
    if (reply instanceof ReplyError) {
      if (/unknown command/i.test(reply.message)) waits = false;
      return false;
    }
    if (!Array.isArray(reply) || reply[0] !== 1) throw new Error('The server did not sync its log in time.');
    return true;
  };

  const waitForSecond = async (): Promise<void> => {
    const [policy] = await client.batch([['CONFIG', 'GET', 'appendfsync']]);
    if (lastText(policy) === 'always') return;
    const began = host.now();
    for (;;) {
      await pause(everySecondMs);
      const now = await info();
      if (now?.appendFailed) throw Object.assign(new Error('The server cannot write its log.'), { code: 'ENOSPC' });
      if (!now?.syncing) return;
      if (host.now() - began > patienceMs) throw new Error('The server did not sync its log in time.');
    }
  };

  const snapshot = async (): Promise<void> => {
    const began = host.now();
    for (let started = false; ; await pause(started ? 50 : 200)) {
      if (host.now() - began > patienceMs) throw new Error('The server did not write its snapshot in time.');
      const now = await info();
      if (now === null) return;
      if (now.saving) continue;
      if (now.unsaved === 0) return;
      if (started) {
        if (now.saveFailed) throw Object.assign(new Error('The server cannot write its snapshot.'), { code: 'ENOSPC' });
        return;
      }
      const [reply] = await client.batch([['BGSAVE']]);
      started = !(reply instanceof ReplyError);
      if (reply instanceof ReplyError && !/in progress|right now|child process/i.test(reply.message)) {
        // Somebody who may not, or a server that has none.
        if (new RedisError(reply.message).reason === 'denied' || /unknown command/i.test(reply.message)) return;
        throw typed(reply);
      }
    }
  };

  const settleNow = async (): Promise<void> => {
    const now = await info();
    if (now && !now.appendOnly) return snapshot();
    if (waits && (await waitForLog())) return;
    if (now) await waitForSecond();
  };

  const settle = (): Promise<void> => {
    if (!running) {
      running = settleNow().finally(() => {
        running = null;
      });
      return running;
    }
    // One that runs may have begun before the caller's last write: it is covered by the next, which all who wait share.
    next ??= running
      .catch(() => {})
      .then(() => {
        next = null;
        return settle();
      });
    return next;
  };
  return settle;
}

/** The value in what CONFIG GET answers. */
function lastText(reply: Reply | undefined): string {
  const last = Array.isArray(reply) ? (reply as readonly Reply[]).at(-1) : null;
  return last instanceof Uint8Array ? new TextDecoder().decode(last) : '';
}
