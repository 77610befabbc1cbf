import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { equalBytes } from '#core/crypto/equal.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { fromHex, toBase64url, toHex } from '#core/crypto/ids.ts';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import type { WebSession } from '#shared/contract/system.ts';

/** A link is used at once or not at all; a session ends when it has not been used for this long. */
const linkLifetimeMs = 60 * 60_000;
const sessionLifetimeMs = 30 * 24 * 60 * 60_000;
const maxLinks = 16;
const maxSessions = 32;
/** The time of use is written down no more often than this. */
const touchEveryMs = 60 * 60_000;

const storedSchema = z.object({
  v: z.literal(1),
  sessions: z
    .array(z.object({ hash: z.string().regex(/^[0-9a-f]{64}$/), usedAt: z.number(), openedAt: z.number().optional() }))
    .max(maxSessions),
});

export interface Auth {
  /** A fresh one-time token for a link; older links stay good until used or expired. */
  newLink(): string;
  /** Exchange a link's token, once, for a session; null when it is unknown, used or expired. */
  redeem(token: string): Promise<string | null>;
  /** Whether a session is good; using it keeps it alive. */
  check(session: string): boolean;
  /** The good ones; an id is the beginning of the session's hash and no secret. Newest first. */
  list(): WebSession[];
  /** End all, or those named; durable when it resolves. Returns how many. */
  end(ids: readonly string[] | undefined): Promise<number>;
}

/**
 * Who may be the person at the web interface.
 *
 * A one-time token travels in the fragment of a URL, which no browser sends to a server or in a referrer, and is
 * exchanged once for a session that the page keeps in its sessionStorage. The session goes in the first frame of the
 * WebSocket. There is no cookie, so no other page can make the browser act with it. Only hashes are stored: who reads
 * the file has no session. Sessions outlive a restart of the agent, so an open page comes back by itself.
 */
export async function openAuth(options: {
  /** File of the session hashes. */
  path: string;
  now(): number;
  random(n: number): Uint8Array;
}): Promise<Auth> {
  const { path, now, random } = options;
  const links: { hash: Uint8Array; expiresAt: number }[] = [];
  let sessions = await readSessions(path);
  let writing: Promise<void> = Promise.resolve();

  const save = (): Promise<void> => {
    const text = `${JSON.stringify({ v: 1, sessions: sessions.map((s) => ({ ...s, hash: toHex(s.hash) })) })}\n`;
    writing = writing.catch(() => {}).then(() => writeFileAtomic(path, text, { mode: 0o600 }));
    return writing;
  };
  const hashOf = (secret: string) => sha256(new TextEncoder().encode(secret));
  const dropExpired = () => {
    const at = now();
    sessions = sessions.filter((s) => at - s.usedAt < sessionLifetimeMs);
    for (let i = links.length - 1; i >= 0; i -= 1) if ((links[i]?.expiresAt ?? 0) <= at) links.splice(i, 1);
  };

  return {
    newLink() {
      dropExpired();
      const token = toBase64url(random(32));
      links.push({ hash: hashOf(token), expiresAt: now() + linkLifetimeMs });
      if (links.length > maxLinks) links.shift();
      return token;
    },
    async redeem(token) {
      dropExpired();
      const hash = hashOf(token);
      // Hashes are compared, and in constant time: the time taken tells nothing about a token.
      const index = links.findIndex((link) => equalBytes(link.hash, hash));
      if (index < 0) return null;
      links.splice(index, 1);
      const session = toBase64url(random(32));
      sessions.push({ hash: hashOf(session), usedAt: now(), openedAt: now() });
      if (sessions.length > maxSessions)
        sessions = sessions.toSorted((a, b) => b.usedAt - a.usedAt).slice(0, maxSessions);
      await save();
      return session;
    },
    check(session) {
      dropExpired();
      const hash = hashOf(session);
      const found = sessions.find((s) => equalBytes(s.hash, hash));
      if (!found) return false;
      if (now() - found.usedAt > touchEveryMs) {
        found.usedAt = now();
        // Losing a time of use costs at worst a new link.
        save().catch(() => {});
      }
      return true;
    },
    list() {
      dropExpired();
      return sessions
        .map(({ hash, usedAt, openedAt }) => ({ id: idOf(hash), openedAt, usedAt }))
        .sort((a, b) => b.openedAt - a.openedAt);
    },
    async end(ids) {
      const before = sessions.length;
      sessions = ids === undefined ? [] : sessions.filter(({ hash }) => !ids.includes(idOf(hash)));
      // A link that nobody has used yet is one more way in.
      if (ids === undefined) links.length = 0;
      if (sessions.length < before) await save();
      return before - sessions.length;
    },
  };
}

const idOf = (hash: Uint8Array): string => toHex(hash).slice(0, 16);

interface Session {
  readonly hash: Uint8Array;
  readonly openedAt: number;
  usedAt: number;
}

async function readSessions(path: string): Promise<Session[]> {
  try {
    const stored = storedSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    return stored.sessions.flatMap(({ hash, usedAt, openedAt = usedAt }) => {
      const bytes = fromHex(hash);
      return bytes ? [{ hash: bytes, usedAt, openedAt }] : [];
    });
  } catch {
    // None yet, or unreadable: pages ask for a new link, nothing else is lost.
    return [];
  }
}
