import { isIP } from 'node:net';
import type { Host, Logger } from '#core/host.ts';
import type { NameServer as NameServerView } from '#shared/contract/mesh/index.ts';
import { fail } from '#shared/rpc/fail.ts';
import { type NameServer, startNameServer } from '../names/name-server.ts';
import type { Upstream } from '../names/upstream.ts';
import type { NameLookup } from '../names/zone.ts';
import type { MeshStore, StoredNameServer } from './store.ts';
import { createTurns } from './turns.ts';

/** The name responder for other programs, on or off as the person said. It answers whether the node runs or not. */
export interface NameServerSwitch {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** @returns what was set before @throws Fail PORT_IN_USE, BAD_INPUT; what was set before goes on then */
  set(wanted: { on: boolean; port: number | undefined; upstream: string | undefined }): Promise<StoredNameServer>;
  view(): NameServerView;
}

export interface NameServerSwitchDeps {
  readonly store: MeshStore;
  readonly host: Host;
  readonly log: Logger;
  readonly lookup: NameLookup;
}

const off: StoredNameServer = { on: false, port: 0, upstream: '' };
const dnsPort = 53;

export function createNameServerSwitch({ store, host, log, lookup }: NameServerSwitchDeps): NameServerSwitch {
  let running: NameServer | null = null;
  let detail = '';
  const inTurn = createTurns();
  const stored = (): StoredNameServer => store.nameServer() ?? off;

  const open = async ({ port, upstream }: StoredNameServer): Promise<NameServer> => {
    const other = upstream === '' ? null : parseUpstream(upstream);
    try {
      return await startNameServer({ log, random: host.random, lookup, port, upstream: other });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
      throw fail('PORT_IN_USE', `Port ${port} of this computer cannot be used: another program has it, or may alone.`, {
        next: 'Choose another port, or 0 for any that is free.',
        data: { port },
      });
    }
  };
  const close = async (): Promise<void> => {
    const was = running;
    running = null;
    await was?.stop();
  };

  return {
    start: () =>
      inTurn(async () => {
        const wanted = stored();
        if (!wanted.on || running !== null) return;
        try {
          running = await open(wanted);
        } catch (error) {
          detail = (error as Error).message;
          log.warn({ error }, 'the name responder did not start');
        }
      }),
    stop: () => inTurn(close),
    set: ({ on, port, upstream }) =>
      inTurn(async () => {
        const before = stored();
        const wanted = { on, port: port ?? before.port, upstream: upstream ?? before.upstream };
        await close();
        detail = '';
        try {
          if (on) running = await open(wanted);
          // A port left to the system is the one it gave, from then on: other programs are told of it.
          store.putNameServer({ ...wanted, port: running?.port ?? wanted.port });
        } catch (error) {
          // What cannot be kept is not open either; what was taken away stays away.
          if (on) await close();
          if (on && before.on) running = await open(before).catch(() => null);
          throw error;
        }
        return before;
      }),
    view() {
      const { on, upstream } = stored();
      return { on, port: running?.port ?? null, upstream, detail: on ? detail : '' };
    },
  };
}

/** `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53` or `[2001:db8::53]:5353`. @throws Fail BAD_INPUT */
export function parseUpstream(text: string): Upstream {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^[\]]*?))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const whole = isIP(text) === 6 ? { address: text, port: dnsPort } : null;
  const parsed = whole ?? { address: bracketed ?? plain ?? '', port: digits === undefined ? dnsPort : Number(digits) };
  if (isIP(parsed.address) === 0 || parsed.port < 1 || parsed.port > 65_535) {
    throw fail('BAD_INPUT', `${text} is no address of a name server.`, { next: 'Type an address, like 192.0.2.53.' });
  }
  return parsed;
}
