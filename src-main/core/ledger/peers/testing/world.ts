import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, duplexPair } from 'node:stream';
import { encodeFunctionData, type Hex } from 'viem';
import type { Chain } from '#core/evm/chain.ts';
import { attestations } from '#core/evm/contracts/attestations.generated.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import { deals } from '#core/evm/contracts/deals.generated.ts';
import { names } from '#core/evm/contracts/names.generated.ts';
import { nodes } from '#core/evm/contracts/nodes.generated.ts';
import { testPerson } from '#core/evm/testing/person.ts';
import { createFakeHost, type FakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { chainRef, type EvmAddress, type Hash32 } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import { type Ledger, openLedger } from '../../chain/ledger.ts';
import { type SignedHead, statementOf } from '../../heads/head.ts';
import type { OwnLedger } from '../../ports.ts';
import { createRpcSession } from '../../rpc/answer.ts';
import { createPeers, type Peers, type PeersOptions } from '../service.ts';

const record: Hex = `0x${'77'.repeat(32)}`;

/** Somebody's signature, which is another than everybody else's; the real one has tests of its own. */
const signatureOf = (mark: number, bytes: Uint8Array): Uint8Array =>
  Uint8Array.from({ length: 3_373 }, (_, i) => (bytes[i % bytes.length] ?? 0) ^ mark);

/** A ledger that somebody runs, and what they may do with it that nobody should. */
export interface Run {
  ledger: Ledger;
  incarnation: number;
  locked: boolean;
  readonly own: OwnLedger;
  /** A transaction of the operator that gives somebody credits. */
  issue(amount: bigint, to: Hex): Promise<void>;
  balanceOf(who: Hex): readonly [string, readonly unknown[]];
  /** From now on the copy is shown, on which other things happen. */
  copy(): Promise<Ledger>;
}

export interface Someone {
  readonly id: string;
  readonly person: string;
  readonly peers: Peers;
  readonly home: string;
  readonly run: Run | null;
  locked: boolean;
  call<T>(method: string, input: unknown): Promise<T>;
  restart(): Promise<void>;
}

/** People whose Hyphas reach each other, each with what they keep on a disk. */
export async function createWorld() {
  const host: FakeHost = createFakeHost();
  const home = await mkdtemp(join(tmpdir(), 'hypha-peers-'));
  const people = new Map<string, Someone & { readonly mark: number }>();
  const listening = new Map<string, (stream: Duplex, caller: { contact: string; device: string }) => void>();
  const ends: (() => Promise<void>)[] = [];
  /** Connections that are open, as whoever dialled has them. */
  const lines = new Set<Duplex>();
  /** Stands between the two ends; tests cut, slow down and alter there. */
  const between = { connect(_dialled: Duplex, _accepted: Duplex): void {} };

  const signer = (id: string) => ({
    keys(contact: string) {
      const one = people.get(contact);
      const me = people.get(id);
      if (one === undefined || me?.locked) return null;
      return {
        person: one.person,
        verify: (bytes: Uint8Array, signature: Uint8Array) =>
          Buffer.from(signatureOf(one.mark, bytes)).equals(signature),
      };
    },
    self: () => {
      const me = people.get(id);
      return me === undefined || me.locked ? null : { person: me.person };
    },
    onChange: () => () => {},
  });

  const dial = (from: string, to: string): Duplex => {
    const accept = listening.get(to);
    if (accept === undefined) throw fail('REFUSED', 'refused');
    const [dialled, accepted] = duplexPair();
    lines.add(dialled);
    between.connect(dialled, accepted);
    // What one end does the other hears, as over a network.
    dialled.once('close', () => accepted.destroy());
    accepted.once('close', () => dialled.destroy());
    accept(accepted, { contact: from, device: from });
    return dialled;
  };

  async function runLedger(mark: number, seed: number): Promise<Run> {
    const path = join(home, `${mark}.db`);
    const ledger = openLedger({
      path,
      host: { now: host.now, random: createFakeHost({ seed }).random },
      log: silentLog,
      operator: new Uint8Array(20).fill(mark),
    });
    const ann = testPerson(0xa000 + mark, Number(ledger.chainId));
    const put = async (contract: Parameters<typeof ann.deploy>[0], args: readonly unknown[]): Promise<EvmAddress> => {
      const hash = await ledger.submit(await ann.deploy(contract, args));
      return `0x${Buffer.from(ledger.records.tx(hash)?.created ?? []).toString('hex')}` as EvmAddress;
    };
    const contracts = {
      deals: await put(deals, []),
      nodes: await put(nodes, []),
      names: await put(names, [0n]),
      attestations: await put(attestations, []),
      credits: await put(credits, ['Credits', 'CR', ann.account.address]),
    };
    let copies = 0;
    const run: Run = {
      ...{ ledger, incarnation: 0, locked: false },
      own: {
        chain: () =>
          ({
            ...{ ref: chainRef(ledger.chainId), kind: 'own', chainId: ledger.chainId, name: 'Own', contact: null },
            genesis: `0x${Buffer.from(run.ledger.block(0).hash()).toString('hex')}` as Hash32,
            ...{ confirmations: 0, free: true, coin: null, contracts },
            request: async () => null,
          }) satisfies Chain,
        session: () => ({ ask: (text) => createRpcSession(run.ledger, host.now, silentLog).ask(text), end() {} }),
        async head(): Promise<SignedHead> {
          if (run.locked) throw fail('LOCKED', 'locked');
          const { header } = run.ledger.block();
          const head = {
            chainId: run.ledger.chainId,
            genesis: run.ledger.block(0).hash(),
            incarnation: run.incarnation,
            number: Number(header.number),
            hash: header.hash(),
            state: header.stateRoot,
            at: Number(header.timestamp),
          };
          return { head, signature: signatureOf(mark, statementOf(head)) };
        },
        shown: async () => true,
        onBlock: () => () => {},
      },
      async issue(amount, to) {
        const nonce = Number(
          (await run.ledger.machine().then(({ stateManager }) => accountOf(stateManager)))?.nonce ?? 0n,
        );
        const data = encodeFunctionData({ abi: credits.abi, functionName: 'issue', args: [to, amount, record] });
        await run.ledger.submit(await ann.sign({ to: contracts.credits as Hex, data, nonce }));
      },
      balanceOf: (who) => [
        'eth_call',
        [
          {
            to: contracts.credits,
            data: encodeFunctionData({ abi: credits.abi, functionName: 'balanceOf', args: [who] }),
          },
          'latest',
        ],
      ],
      async copy() {
        copies += 1;
        const to = join(home, `${mark}-${copies}.db`);
        run.ledger.copyTo(to);
        const copied = openLedger({ path: to, host, log: silentLog, operator: new Uint8Array(20) });
        ends.push(() => copied.close());
        return copied;
      },
    };
    const { createAddressFromString } = await import('@ethereumjs/util');
    const accountOf = (state: { getAccount(who: ReturnType<typeof createAddressFromString>): Promise<unknown> }) =>
      state.getAccount(createAddressFromString(ann.account.address)) as Promise<{ nonce: bigint } | undefined>;
    ends.push(() => ledger.close());
    return run;
  }

  return {
    host,
    between,
    lines,
    /** A connection with nobody at this end. */
    dial,
    async add(
      id: string,
      options: { ledger?: number; others?: readonly Chain[] } & PeersOptions = {},
    ): Promise<Someone> {
      const mark = people.size + 1;
      const run = options.ledger === undefined ? null : await runLedger(mark, options.ledger);
      const begin = () =>
        createPeers(
          {
            ...{ host, log: silentLog, emit: () => {}, home: join(home, id), operators: signer(id) },
            contactOf: (person) => [...people.values()].find((one) => one.person === person)?.id ?? null,
            own: run?.own ?? { ...nothing, chain: () => null },
            others: { list: () => options.others ?? [], onChange: () => () => {} },
            streams: {
              contact(who) {
                const contact = who.replace(/^@/, '');
                if (!people.has(contact)) throw fail('NOT_FOUND', `Nobody is known as ${who}.`);
                return { contact, name: contact, devices: [contact] };
              },
              nameOf: (contact) => contact,
              async dial([device = '']) {
                const dialled = dial(id, device);
                return { stream: dialled, device };
              },
              listen(_port, accept) {
                listening.set(id, accept);
                return async () => void listening.delete(id);
              },
            },
          },
          options,
        );
      let peers = begin();
      await peers.start();
      const someone = {
        ...{ id, mark, run, home: join(home, id), locked: false },
        person: `hy1${'abcdefgh'[mark]?.repeat(51)}a`,
        get peers() {
          return peers;
        },
        async call<T>(method: string, input: unknown): Promise<T> {
          const handler = (peers.handlers as Record<string, (input: unknown, context: unknown) => unknown>)[method];
          return (await handler?.(input, { undo() {}, step() {} })) as T;
        },
        async restart() {
          await peers.stop();
          peers = begin();
          await peers.start();
        },
      };
      people.set(id, someone);
      ends.push(() => peers.stop());
      return someone;
    },
    async end() {
      for (const end of ends.toReversed()) await end();
      await rm(home, { recursive: true, force: true });
    },
  };
}

const nothing = {
  session: () => {
    throw new Error('no ledger');
  },
  head: () => Promise.reject(new Error('no ledger')),
  shown: () => Promise.reject(new Error('no ledger')),
  onBlock: () => () => {},
};

export type World = Awaited<ReturnType<typeof createWorld>>;
