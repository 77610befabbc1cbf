import type { MeshHost } from './host.ts';
import type { Place } from './namespaces.ts';

/* What tests ask of hosts, in short. */
type AnyHost = MeshHost<Place | null>;

/** As `heard` of a host's process tells. */
export interface Talk {
  readonly said: number;
  readonly heard: number;
  readonly longest: number;
  readonly open: boolean;
}

export const connected = async (host: AnyHost, n: number): Promise<boolean> =>
  (await host.call('mesh.peers', {})).peers.filter(({ state }) => state === 'connected').length === n;

/** @returns milliseconds there and back; null when no answer came */
export async function ping(from: AnyHost, to: { readonly address: string }): Promise<number | null> {
  try {
    return (await from.call('mesh.ping', { target: to.address, count: 1 }))[0]?.ms ?? null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'NO_ANSWER') return null;
    throw error;
  }
}

export const texts = async (host: AnyHost): Promise<(string | null)[]> =>
  (await host.call('mesh.messages', { box: 'in' })).messages.map(({ text }) => text);

export const wayTo = async (from: AnyHost, to: { readonly address: string }): Promise<(string | null)[]> =>
  (await from.call('mesh.trace', { target: to.address })).map(({ address }) => address);

/** Bring a port of `to`'s loopback to one of `from`'s. @returns that one */
export async function forward(from: AnyHost, to: AnyHost, localPort: number): Promise<number> {
  await to.call('mesh.expose', { localPort, allow: [from.address] });
  const brought = await from.call('mesh.forward', { target: to.address, port: localPort });
  return brought.forward.localPort ?? 0;
}

export const fetched = (
  host: AnyHost,
  port: number,
  size: number,
): Promise<{ length: number; whole: boolean; ms: number }> => host.ask('fetch', { port, size });

export const heard = (host: AnyHost): Promise<Talk> => host.ask<Talk>('heard');

/** Until the talk brought some more. @returns the longest silence meanwhile, milliseconds */
export async function hearsMore(host: AnyHost): Promise<number> {
  const before = await heard(host);
  let longest = before.longest;
  for (;;) {
    const now = await heard(host);
    longest = Math.max(longest, now.longest);
    if (now.heard > before.heard + 10) return longest;
    await new Promise((done) => setTimeout(done, 20));
  }
}
