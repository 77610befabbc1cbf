import { parseAddress } from '../netstack/ip/address.ts';
import type { CallServer } from '../netstack/proxy/accept-calls.ts';
import { httpGet } from '../netstack/proxy/http-get.ts';
import { loopbackDialer, loopbackListener } from '../netstack/proxy/loopback-ports.ts';
import { meshDialer, meshListener } from '../netstack/proxy/mesh-ports.ts';
import type { Resolver } from '../netstack/proxy/ports.ts';
import { openRelay } from '../netstack/proxy/relay.ts';
import { openSocks } from '../netstack/proxy/socks-server.ts';
import type { NetStack } from '../netstack/stack.ts';
import { contains, prefixOf } from '../wire/prefix.ts';
import type { AllowedPrefix, EngineCalls, RelayTraffic } from './protocol.ts';

/** What passes connections on between this computer and the mesh, each by an id of the caller's. */
export interface Relays {
  forward(id: string, target: { host: string; port: number }, localPort: number): Promise<number>;
  expose: EngineCalls['expose'];
  admit: EngineCalls['admit'];
  socks(id: string, port: number, user: string, password: string): Promise<number>;
  httpGet: EngineCalls['httpGet'];
  giveUpHttp: EngineCalls['giveUpHttp'];
  close(id: string): Promise<void>;
  traffic(): Record<string, RelayTraffic>;
  stop(): Promise<void>;
}

export function createRelays(
  stack: NetStack,
  resolve: Resolver,
  cost?: (address: Uint8Array) => number | null,
): Relays {
  const servers = new Map<string, CallServer>();
  /** Who may connect to what is offered. */
  const admitted = new Map<string, (address: Uint8Array) => boolean>();
  const asked = new Map<string, AbortController>();
  const dialer = meshDialer(stack, resolve, cost);
  /** What is being done with an id: whoever was last to say something is last to be heeded. */
  const turns = new Map<string, Promise<unknown>>();

  const inTurn = <T>(id: string, act: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(id) ?? Promise.resolve()).then(act, act);
    turns.set(id, turn);
    const over = (): void => {
      if (turns.get(id) === turn) turns.delete(id);
    };
    turn.then(over, over);
    return turn;
  };
  const end = async (id: string): Promise<void> => {
    const server = servers.get(id);
    servers.delete(id);
    admitted.delete(id);
    await server?.close();
  };
  const close = (id: string): Promise<void> => inTurn(id, () => end(id));
  /** One at a time for each id: what it was before ends first. */
  const replace = (id: string, open: () => Promise<CallServer>): Promise<number> =>
    inTurn(id, async () => {
      await end(id);
      const server = await open();
      servers.set(id, server);
      return server.port;
    });

  return {
    forward: (id, target, localPort) =>
      replace(id, () => openRelay({ listener: loopbackListener(localPort), dialer, target })),
    async expose(id, port, localPort, allow, deny) {
      const admits = (address: Uint8Array): boolean => admitted.get(id)?.(address) ?? false;
      const target = { host: '127.0.0.1', port: localPort };
      await replace(id, () => {
        admitted.set(id, rule(allow, deny));
        return openRelay({ listener: meshListener(stack, { port, admits }), dialer: loopbackDialer, target });
      });
    },
    admit: (id, allow, deny) =>
      inTurn(id, async () => {
        const server = servers.get(id);
        if (server === undefined) return;
        const admits = rule(allow, deny);
        admitted.set(id, admits);
        server.end(({ address }) => !admits(parseAddress(address) ?? new Uint8Array(16)));
      }),
    socks: (id, port, user, password) =>
      replace(id, () => openSocks({ listener: loopbackListener(port), dialer, clock: stack.clock, user, password })),
    async httpGet(id, question) {
      const over = new AbortController();
      asked.set(id, over);
      try {
        return await httpGet(dialer, question, stack.clock.setTimer, over.signal);
      } finally {
        asked.delete(id);
      }
    },
    giveUpHttp: (id) => asked.get(id)?.abort(),
    close,
    traffic: () =>
      Object.fromEntries(
        [...servers].map(([id, { traffic }]) => {
          const { connections, sent, received } = traffic;
          return [id, { connections, sent, received }];
        }),
      ),
    async stop() {
      await Promise.all([...new Set([...servers.keys(), ...turns.keys()])].map(close));
    },
  };
}

function rule(allow: 'everybody' | readonly AllowedPrefix[], deny: readonly AllowedPrefix[]) {
  const among = (list: readonly AllowedPrefix[]) => {
    const prefixes = list.map(({ address, length }) => prefixOf(address, length));
    return (address: Uint8Array): boolean => prefixes.some((prefix) => contains(prefix, address));
  };
  const allowed = allow === 'everybody' ? () => true : among(allow);
  const denied = among(deny);
  return (address: Uint8Array): boolean => allowed(address) && !denied(address);
}
