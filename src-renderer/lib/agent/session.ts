/** What of the browser this needs; passed in so that tests can stand in for it. */
export interface SessionWorld {
  location: { hash: string; pathname: string; search: string };
  history: { replaceState(data: unknown, unused: string, url: string): void };
  storage: {
    getItem(key: string): string | null;
    setItem(key: string, value: string): void;
    removeItem(key: string): void;
  };
  fetch(
    url: string,
    init: { method: string; headers: Record<string, string>; body: string },
  ): Promise<{ ok: boolean; json(): Promise<unknown> }>;
}

const key = 'hypha.session';

/**
 * Take the one-time token out of `#token=…` and out of the address bar, at once and before anything else runs: the
 * address may be copied, and the router reads the same fragment.
 */
export function takeToken(world: Pick<SessionWorld, 'location' | 'history'>): string | null {
  const match = /^#token=([A-Za-z0-9_-]{8,256})/.exec(world.location.hash);
  if (!match) return null;
  world.history.replaceState(null, '', `${world.location.pathname}${world.location.search}#/`);
  return match[1] ?? null;
}

/**
 * The session of this tab: exchanged once for the token, then kept for as long as the tab lives, so that it survives a
 * reload and is gone with the tab. Null when there is neither; the daemon then refuses and says how to get in.
 */
export async function obtainSession(world: SessionWorld, token: string | null): Promise<string | null> {
  if (token !== null) {
    const answer = await world.fetch('/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    const body: unknown = answer.ok ? await answer.json() : null;
    if (typeof body === 'object' && body !== null && 'session' in body && typeof body.session === 'string') {
      world.storage.setItem(key, body.session);
      return body.session;
    }
  }
  return world.storage.getItem(key);
}

export function forgetSession(world: Pick<SessionWorld, 'storage'>): void {
  world.storage.removeItem(key);
}
