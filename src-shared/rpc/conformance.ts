import { z } from 'zod';
import { method } from './contract.ts';
import type { Dispatcher } from './dispatcher.ts';
import { fail, isFail } from './fail.ts';
import type { Limits } from './frames.ts';
import { connect, type ServeOptions, serve } from './peer.ts';
import type { Transport } from './transport.ts';

/**
 * One suite that every transport passes. The test runner's functions come in as arguments, so this file runs anywhere
 * and imports no runner.
 */
export interface Runner {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>): void;
  equal(actual: unknown, expected: unknown): void;
}

export interface Pair {
  readonly client: Transport;
  readonly server: Transport;
  /** Free what the pair stands on. */
  dispose(): Promise<void>;
}

const frameLimit = 4 * 1024 * 1024;
const bytesSchema = z.custom<Uint8Array>((v) => v instanceof Uint8Array);
const plain = { errors: [], effect: 'read', summary: () => 'test', examples: [] } as const;

const testContract = {
  'test.echo': method({ kind: 'call', about: '', input: z.unknown(), output: z.unknown(), ...plain }),
  'test.refuse': method({ kind: 'call', about: '', input: z.object({}), output: z.object({}), ...plain }),
  'test.crash': method({ kind: 'call', about: '', input: z.object({}), output: z.object({}), ...plain }),
  'test.wrong': method({ kind: 'call', about: '', input: z.object({}), output: z.object({ n: z.number() }), ...plain }),
  'test.huge': method({ kind: 'call', about: '', input: z.object({}), output: bytesSchema, ...plain }),
  'test.hang': method({ kind: 'call', about: '', input: z.object({}), output: z.object({}), ...plain }),
  'test.work': method({ kind: 'task', about: '', input: z.object({}), output: z.object({}), ...plain }),
  'test.count': method({
    kind: 'stream',
    about: '',
    input: z.object({ to: z.number() }),
    output: z.number(),
    ...plain,
  }),
  'test.silent': method({ kind: 'stream', about: '', input: z.object({}), output: z.number(), ...plain }),
} as const;
type TestContract = typeof testContract;

/** What the dispatcher saw, so that tests wait on facts. */
interface Seen {
  produced: number;
  aborted: number;
  disconnected: number;
  changed: () => void;
}

function dispatcherFor(seen: Seen): Dispatcher<string> {
  const whenAborted = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => {
        seen.aborted += 1;
        seen.changed();
        reject(signal.reason);
      });
    });
  const calls: Record<string, (input: unknown, signal: AbortSignal) => Promise<unknown>> = {
    'test.echo': async (input) => input,
    'test.refuse': async () => {
      throw fail('NOT_FOUND', 'There is no such thing.', { meaning: 'm', next: 'n', data: { at: 7 } });
    },
    'test.crash': async () => {
      throw new Error('a secret detail');
    },
    'test.wrong': async () => ({ n: 'text' }),
    'test.huge': async () => new Uint8Array(frameLimit + 1),
    'test.hang': (_, signal) => whenAborted(signal),
    'test.work': async () => ({ task: 't1' }),
  };
  return {
    async invoke(_caller, name, input, signal) {
      return calls[name]?.(input, signal);
    },
    async *stream(_caller, name, input, signal) {
      if (name === 'test.silent') {
        await whenAborted(signal);
        return;
      }
      try {
        for (let n = 0; n < (input as { to: number }).to; n += 1) {
          seen.produced += 1;
          yield n;
        }
      } finally {
        seen.changed();
      }
    },
    disconnected() {
      seen.disconnected += 1;
      seen.changed();
    },
  };
}

/** Define the suite for one transport. */
export function transportConformance(name: string, makePair: () => Promise<Pair>, runner: Runner): void {
  const { describe, it, equal } = runner;

  async function withServer(
    body: (t: {
      pair: Pair;
      seen: Seen;
      until(fact: () => boolean): Promise<void>;
      logged: { incident: string; error: unknown }[];
      open(): ReturnType<typeof connect<TestContract>>;
    }) => Promise<void>,
    more: { limits?: Partial<Limits>; version?: number } & Partial<Pick<ServeOptions<string>, 'accept'>> = {},
  ) {
    const pair = await makePair();
    const waiting: (() => void)[] = [];
    const seen: Seen = {
      produced: 0,
      aborted: 0,
      disconnected: 0,
      changed: () => {
        for (const check of waiting) check();
      },
    };
    const logged: { incident: string; error: unknown }[] = [];
    const served = serve(pair.server, {
      contract: testContract,
      version: more.version ?? 1,
      dispatcher: dispatcherFor(seen),
      accept: more.accept ?? (() => ({ caller: 'c', connection: 'c1' })),
      limits: more.limits,
      checkOutputs: true,
      newIncident: () => `i${logged.length + 1}`,
      log: (entry) => logged.push(entry),
    });
    try {
      await body({
        pair,
        seen,
        logged,
        until: (fact) =>
          new Promise((resolve) => {
            const check = () => fact() && resolve();
            waiting.push(check);
            check();
          }),
        open: () =>
          connect(pair.client, {
            contract: testContract,
            version: 1,
            role: { face: 'cli', person: false, name: 'Test' },
          }),
      });
    } finally {
      served.close();
      await served.closed;
      await pair.dispose();
    }
  }

  const failureOf = async (work: Promise<unknown>) => {
    try {
      await work;
    } catch (error) {
      if (isFail(error)) return error.toFailure();
      throw error;
    }
    throw new Error('it did not fail');
  };

  describe(`transport ${name}`, () => {
    it('answers calls, many at once, with values of every kind', () =>
      withServer(async ({ open }) => {
        const { client, welcome } = await open();
        equal(welcome.connection, 'c1');
        const value = {
          text: 'ümlaut \u{1f344}',
          numbers: [0, -1, 1.5, 2 ** 40, -(2 ** 45), 2 ** 53 - 1],
          big: 2n ** 60n,
          none: null,
          yes: true,
          bytes: Uint8Array.of(1, 2, 3),
          nested: [{ a: [{}] }],
        };
        equal(await client['test.echo'](value), value);
        const many = await Promise.all(Array.from({ length: 50 }, (_, i) => client['test.echo'](i)));
        equal(
          many,
          Array.from({ length: 50 }, (_, i) => i),
        );
        equal(await client['test.work']({}), { task: 't1' });
      }));

    it('leaves undefined members out on every wire', () =>
      withServer(async ({ open }) => {
        const { client } = await open();
        const echoed = (await client['test.echo']({ a: undefined, b: [undefined] })) as object;
        equal(Object.keys(echoed), ['b']);
        equal(echoed, { b: [null] });
      }));

    it('carries failures as data and keeps the details of faults to the log', () =>
      withServer(async ({ open, logged }) => {
        const { client } = await open();
        equal(await failureOf(client['test.refuse']({})), {
          code: 'NOT_FOUND',
          message: 'There is no such thing.',
          meaning: 'm',
          next: 'n',
          data: { at: 7 },
        });
        const fault = await failureOf(client['test.crash']({}));
        equal(
          [fault.code, fault.data, JSON.stringify(fault).includes('secret')],
          ['INTERNAL', { incident: 'i1' }, false],
        );
        equal(String(logged[0]?.error), 'Error: a secret detail');
        equal((await failureOf(client['test.wrong']({}))).code, 'INTERNAL');
      }));

    it('refuses unknown methods, inherited names too', () =>
      withServer(async ({ open }) => {
        const { call } = await open();
        for (const method of ['test.nothing', 'toString', '__proto__', 'constructor']) {
          equal((await failureOf(call(method, {}))).code, 'UNKNOWN_METHOD');
        }
      }));

    it('streams in order and no further ahead than the credit', () =>
      withServer(async ({ open, seen, until }) => {
        const { client } = await open();
        const items = client['test.count']({ to: 500 })[Symbol.asyncIterator]();
        equal((await items.next()).value, 0);
        // The source runs to the end of the credit and stops there: a round trip later it has not gone on.
        await client['test.echo'](1);
        await client['test.echo'](2);
        equal(seen.produced <= 18, true);
        const rest: unknown[] = [];
        for (let next = await items.next(); !next.done; next = await items.next()) rest.push(next.value);
        equal(rest.length, 499);
        equal(rest.at(-1), 499);
        await until(() => seen.produced === 500);
      }));

    it('stops a stream whose reader leaves, and cancels calls and streams by signal', () =>
      withServer(async ({ open, seen, until }) => {
        const { client } = await open();
        for await (const n of client['test.count']({ to: 1_000_000 })) if (n === 40) break;
        await client['test.echo'](0);
        equal(seen.produced < 100, true);
        const leave = new AbortController();
        const call = client['test.hang']({}, { signal: leave.signal });
        const stream = (async () => {
          for await (const _ of client['test.silent']({}, { signal: leave.signal }));
        })();
        await client['test.echo'](0);
        leave.abort();
        equal((await failureOf(call)).code, 'CANCELLED');
        equal((await failureOf(stream)).code, 'CANCELLED');
        await until(() => seen.aborted === 2);
        equal(await client['test.echo']('still here'), 'still here');
      }));

    it('tells both sides of a disconnection', () =>
      withServer(async ({ open, pair }) => {
        const connection = await open();
        const call = failureOf(connection.client['test.hang']({}));
        const stream = failureOf(
          (async () => {
            for await (const _ of connection.client['test.silent']({}));
          })(),
        );
        await connection.client['test.echo'](0);
        const told = new Promise((resolve) => connection.onClose((why) => resolve(why?.code)));
        pair.server.close();
        equal((await call).code, 'DISCONNECTED');
        equal((await stream).code, 'DISCONNECTED');
        equal(await told, 'DISCONNECTED');
        equal(connection.open, false);
        equal((await failureOf(connection.client['test.echo'](0))).code, 'DISCONNECTED');
      }));

    it('aborts what a client leaves behind', () =>
      withServer(async ({ open, seen, until }) => {
        const connection = await open();
        const call = failureOf(connection.client['test.hang']({}));
        await connection.client['test.echo'](0);
        connection.close();
        equal((await call).code, 'DISCONNECTED');
        await until(() => seen.aborted === 1 && seen.disconnected === 1);
      }));

    it('carries 2 MiB of bytes both ways and refuses what is over the limit', () =>
      withServer(async ({ open }) => {
        const { client } = await open();
        const pooled = new Uint8Array(2 * 1024 * 1024 + 100).fill(7).subarray(50, 50 + 2 * 1024 * 1024);
        const back = (await client['test.echo'](pooled)) as Uint8Array;
        equal([back.length, back[0], back.at(-1)], [2 * 1024 * 1024, 7, 7]);
        equal((await failureOf(client['test.echo'](new Uint8Array(frameLimit)))).code, 'TOO_LARGE');
        equal((await failureOf(client['test.huge']({}))).code, 'TOO_LARGE');
        equal(await client['test.echo']('still here'), 'still here');
      }));

    it('bounds calls and streams in flight', () =>
      withServer(
        async ({ open }) => {
          const { client } = await open();
          const leave = new AbortController();
          const { signal } = leave;
          const hanging = [1, 2].map(() => failureOf(client['test.hang']({}, { signal })));
          equal((await failureOf(client['test.hang']({}))).code, 'BUSY');
          const silent = (signal?: AbortSignal) =>
            failureOf(
              (async () => {
                for await (const _ of client['test.silent']({}, { signal }));
              })(),
            );
          const open1 = silent(signal);
          equal((await silent()).code, 'BUSY');
          leave.abort();
          for (const each of [...hanging, open1]) equal((await each).code, 'CANCELLED');
        },
        { limits: { calls: 2, streams: 1 } },
      ));

    it('refuses another contract version, and a role, in words', async () => {
      await withServer(
        async ({ open }) => {
          const failure = await failureOf(open());
          equal(failure.code, 'VERSION_MISMATCH');
          equal(failure.data, { ours: 2, theirs: 1 });
        },
        { version: 2 },
      );
      await withServer(
        async ({ open, seen }) => {
          equal((await failureOf(open())).code, 'UNAUTHENTICATED');
          equal(seen.disconnected, 0);
        },
        { accept: async () => fail('UNAUTHENTICATED', 'no') },
      );
    });

    it('closes on a frame of no known shape or at the wrong time', async () => {
      const hello = { t: 'hello', contract: 1, role: { face: 'cli', person: false, name: 'x' } };
      const bad: unknown[][] = [
        [null],
        ['text'],
        [{ t: 'req', id: 1, method: 'test.echo' }],
        [{ ...hello, role: { face: 'king', person: true, name: 'x' } }],
        [hello, hello],
        [hello, { t: 'req', id: 0, method: 'test.echo' }],
        [hello, { t: 'ok', id: 1, value: 1 }],
      ];
      for (const frames of bad) {
        await withServer(async ({ pair }) => {
          const closed = new Promise<string>((resolve) => {
            let last = '';
            pair.client.listen({
              frame: (frame) => {
                const { t, failure } = frame as { t: string; failure?: { code: string } };
                last = failure?.code ?? t;
              },
              closed: () => resolve(last),
            });
          });
          for (const frame of frames) pair.client.send(frame);
          equal(await closed, 'PROTOCOL');
        });
      }
    });
  });
}
