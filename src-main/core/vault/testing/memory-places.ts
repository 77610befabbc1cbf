import type { PlaceAddress, PlaceSecret } from '#shared/contract/vault.ts';
import { whereWords } from '#shared/contract/vault.ts';
import type { PlaceIdentity } from '../format/place-identity.ts';
import type { PlaceBackend } from '../places/backend.ts';
import type { Inspection } from '../places/inspect.ts';

/** What one server keeps, and how it is. */
export interface MemoryServer {
  readonly files: Map<string, Uint8Array>;
  identity: PlaceIdentity | null;
  password: string;
  /** Not to be reached. */
  away: boolean;
  /** Its keeper wants it back: it takes nothing new. */
  closing: boolean;
  free: number | null;
  /** Connections that are open now. */
  connections: number;
}

export interface MemoryServers {
  at(where: string): MemoryServer;
  openRemote(address: PlaceAddress, secret: PlaceSecret): PlaceBackend | null;
  all(): MemoryServer[];
  copy(): MemoryServers;
}

/** Servers of any remote kind that live in memory: what the vault does with places that are no directories, without a network. */
export function memoryServers(servers = new Map<string, MemoryServer>()): MemoryServers {
  const at = (where: string): MemoryServer => {
    const there = servers.get(where);
    if (there) return there;
    const made = {
      files: new Map(),
      identity: null,
      password: 'right',
      away: false,
      closing: false,
      free: null,
      connections: 0,
    };
    servers.set(where, made);
    return made;
  };
  const openRemote = (address: PlaceAddress, secret: PlaceSecret): PlaceBackend | null =>
    address.kind === 'directory' ? null : createMemoryBackend(at(whereWords(address)), secret);
  return {
    at,
    openRemote,
    all: () => [...servers.values()],
    /** The same once more, as they are now; what is written to one is not written to the other. */
    copy(): MemoryServers {
      const now = [...servers].map(
        ([where, one]) => [where, { ...one, files: new Map(one.files), connections: 0 }] as const,
      );
      return memoryServers(new Map(now));
    },
  };
}

function createMemoryBackend(server: MemoryServer, secret: PlaceSecret): PlaceBackend {
  let open = true;
  server.connections++;
  const trouble = (): 'silent' | 'unreadable' | null => {
    if (!open || server.away) return 'silent';
    return (secret.secretKey ?? secret.password) === server.password ? null : 'unreadable';
  };
  const ask = (): MemoryServer => {
    const wrong = trouble();
    if (wrong) throw new Error(wrong);
    return server;
  };
  const isMarked = async (vault: string, place: string): Promise<boolean> =>
    trouble() === null && server.identity?.vault === vault && server.identity.place === place;
  return {
    async inspect(): Promise<Inspection> {
      const wrong = trouble();
      const base = {
        device: 'host:memory',
        free: wrong ? null : server.free,
        writable: wrong === null && !server.closing,
      };
      if (wrong) return { ...base, kind: wrong, identity: null };
      if (server.identity) return { ...base, kind: 'place', identity: server.identity };
      return { ...base, kind: server.files.size > 0 ? 'unmarked' : 'empty', identity: null };
    },
    isMarked,
    async claim(identity) {
      ask().identity ??= identity;
      return isMarked(identity.vault, identity.place);
    },
    async unclaim(vault, place) {
      if (await isMarked(vault, place)) server.identity = null;
    },
    notice: () => (server.closing ? { text: 'Its keeper wants it back.', next: 'Move away.' } : null),
    reason: () => (trouble() === 'unreadable' ? { text: 'The password is wrong.', next: 'Type the right one.' } : null),
    store: {
      async put(name, parts, taken) {
        if (ask().closing) throw new Error('closing');
        server.files.set(name, Buffer.concat(parts));
        taken?.();
      },
      async settle() {
        ask();
      },
      async read(name, offset, target) {
        const bytes = ask().files.get(name);
        if (!bytes || bytes.length < offset + target.length) return false;
        target.set(bytes.subarray(offset, offset + target.length));
        return true;
      },
      size: async (name) => ask().files.get(name)?.length ?? null,
      async remove(name) {
        ask().files.delete(name);
      },
      async list(directory) {
        const names = new Set<string>();
        for (const name of ask().files.keys()) {
          if (!name.startsWith(`${directory}/`)) continue;
          names.add(`${directory}/${name.slice(directory.length + 1).split('/')[0]}`);
        }
        return [...names];
      },
    },
    async close() {
      if (open) server.connections--;
      open = false;
    },
  };
}
