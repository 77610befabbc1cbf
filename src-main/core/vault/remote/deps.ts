import type { Host } from '#core/host.ts';
import type { Dial } from './resp/dial.ts';

/** What a place over the network stands on. */
export interface RemoteDeps {
  readonly host: Pick<Host, 'setTimer' | 'random' | 'now'>;
  /** How to get there where not by TCP of the system: over the mesh, say. */
  readonly dial?: Dial | undefined;
  readonly patience?: RemotePatience | undefined;
}

/** How long to wait, in milliseconds: for a connection, while no byte moves, for a command that is first in line. */
export interface RemotePatience {
  readonly connectMs: number;
  readonly stallMs: number;
  readonly commandMs: number;
}

/** Servers at one address fail together: they count as one device. */
export const deviceOf = (host: string): string => `host:${host.replace(/^\[(.*)\]$/, '$1').toLowerCase()}`;
