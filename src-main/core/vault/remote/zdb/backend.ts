import type { PlaceBackend } from '../../places/backend.ts';
import type { Inspection } from '../../places/inspect.ts';
import { again } from '../again.ts';
import { deviceOf, type RemoteDeps } from '../deps.ts';
import { dialTcp } from '../resp/dial.ts';
import { ConnectionError } from '../resp/reply.ts';
import { connectZdb } from './client.ts';
import { ZdbError } from './errors.ts';
import { createZdbMark, isOf } from './mark.ts';
import type { NamespaceInfo } from './nsinfo.ts';
import { createZdbStore } from './store.ts';

export interface ZdbPlaceOptions {
  /** A name, an IPv4 or an IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** In user mode, and the place's alone. `default` where none is given. */
  readonly namespace?: string | undefined;
  readonly password?: string | undefined;
  /** Send the password in clear, to a server that knows no challenge. */
  readonly plainPassword?: boolean | undefined;
}

/** A place that is one namespace of a 0-db server, or of a Hypha that lends storage as one (docs/formats/vault.md). */
export function createZdbBackend(options: ZdbPlaceOptions, deps: RemoteDeps): PlaceBackend {
  const { namespace, password, plainPassword } = options;
  const client = connectZdb(
    { dial: deps.dial ?? dialTcp(options) },
    { ...deps.patience, setTimer: deps.host.setTimer, namespace, password, plainPassword },
  );
  const mark = createZdbMark(client, deps);
  const device = deviceOf(options.host);

  const look = async (): Promise<Inspection> => {
    const info = await again(() => client.info());
    const seen = { identity: null, writable: mayWrite(info, password !== undefined), free: freeIn(info), device };
    // Its keys are numbers that it gives out: names cannot be stored there.
    if (info.mode !== 'user') return { ...seen, kind: 'unreadable', writable: false };
    const { mark: found, others } = await again(() => mark.read());
    if (typeof found === 'object') return { ...seen, kind: 'place', identity: found };
    return { ...seen, kind: found === 'bad' ? 'bad-mark' : others ? 'unmarked' : 'empty' };
  };

  return {
    async inspect() {
      try {
        return await look();
      } catch (error) {
        const refused = error instanceof ZdbError || (error instanceof ConnectionError && error.failure === 'protocol');
        return { kind: refused ? 'unreadable' : 'silent', identity: null, writable: false, device, free: null };
      }
    },
    isMarked: (vault, place) =>
      again(() => mark.read()).then(
        (seen) => isOf(seen.mark, vault, place),
        () => false,
      ),
    claim: (identity) => mark.claim(identity),
    unclaim: (vault, place) => mark.unclaim(vault, place),
    store: createZdbStore(client, deps),
    close: () => client.close(),
  };
}

/** Where there is a password, who does not give it may read at most. */
const mayWrite = ({ locked, worm, password }: NamespaceInfo, given: boolean): boolean =>
  !locked && !worm && (given || !password);

/** Bytes until its own limit or the end of the server's disks, whichever comes first. */
function freeIn({ limit, used, dataFree, indexFree }: NamespaceInfo): number | null {
  const left = [limit > 0 ? Math.max(0, limit - used) : null, dataFree, indexFree].filter((one) => one !== null);
  return left.length === 0 ? null : Math.min(...left);
}
