import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { AgentClient } from '../contract/agent.ts';
import type { IdentityStatus } from '../contract/identity.ts';
import { method, type TaskStarted } from './contract.ts';
import { connectDouble } from './double.ts';
import { isFail } from './fail.ts';
import { connect, serve } from './peer.ts';
import type { Transport } from './transport.ts';
import { memoryPair } from './transports/memory.ts';

const plain = { errors: [], effect: 'read', summary: () => 'test', examples: [] } as const;
const contract = {
  'test.double': method({
    kind: 'call',
    about: '',
    input: z.object({ n: z.number().default(1) }),
    output: z.object({ n: z.number() }),
    ...plain,
  }),
  'test.count': method({ kind: 'stream', about: '', input: z.object({}), output: z.number(), ...plain }),
} as const;

const role = { face: 'ui', person: true, name: 'Test' } as const;
const hello = { t: 'hello', contract: 1, role };

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no failure',
    (error: unknown) => (isFail(error) ? error.code : String(error)),
  );

/** A server under test and the bare wire to it. */
function bareServer(more: { transport?: (real: Transport) => Transport; limits?: object; hello?: object } = {}) {
  const [near, far] = memoryPair();
  const frames: Record<string, unknown>[] = [];
  const closed = new Promise<void>((resolve) => {
    near.listen({ frame: (frame) => void frames.push(frame as Record<string, unknown>), closed: () => resolve() });
  });
  const seen: string[] = [];
  const served = serve(more.transport?.(far) ?? far, {
    contract,
    version: 1,
    dispatcher: {
      invoke: async (_, name) => name,
      async *stream() {
        for (let n = 0; ; n += 1) yield n;
      },
      disconnected: () => void seen.push('disconnected'),
    },
    accept: () => ({ caller: {}, connection: 'c' }),
    newIncident: () => 'i',
    log: () => {},
    ...more,
  } as Parameters<typeof serve>[1]);
  return { near, frames, closed, served, seen };
}

describe('a server', () => {
  it('gives up who does not say hello in time', async () => {
    let fire = () => {};
    const { frames, closed } = bareServer({
      hello: {
        withinMs: 5,
        setTimer: (_: number, f: () => void) => {
          fire = f;
          return () => {};
        },
      },
    });
    fire();
    await closed;
    expect(frames).toMatchObject([{ t: 'err', id: 0, failure: { code: 'PROTOCOL' } }]);
  });

  it('takes no name that could deceive who reads it', async () => {
    for (const name of ['', 'a\nb', 'a\u202eb', 'a\u200bb', '\x1b[2J', 'x'.repeat(65), '\u2028', '\ud800']) {
      const { near, frames, closed } = bareServer();
      near.send({ ...hello, role: { ...role, name } });
      await closed;
      expect(frames, name).toMatchObject([{ t: 'err', failure: { code: 'PROTOCOL' } }]);
    }
  });

  it('gives up who does not read', async () => {
    let buffered = 0;
    const { near, closed, seen } = bareServer({
      limits: { buffered: 1000 },
      transport: (real) => ({
        send: (frame) => real.send(frame),
        listen: (handlers) => real.listen(handlers),
        close: () => real.close(),
        get buffered() {
          return buffered;
        },
      }),
    });
    near.send(hello);
    await Promise.resolve();
    buffered = 1001;
    near.send({ t: 'req', id: 1, method: 'test.double' });
    await closed;
    expect(seen).toEqual(['disconnected']);
  });

  it('never sends more stream items than were granted', async () => {
    const { near, frames, served } = bareServer();
    near.send(hello);
    const settle = async () => {
      for (let i = 0; i < 50; i += 1) await Promise.resolve();
    };
    await settle();
    near.send({ t: 'req', id: 1, method: 'test.count', credit: 3 });
    await settle();
    const seqs = () => frames.filter(({ t }) => t === 'ev').map(({ seq }) => seq);
    expect(seqs()).toEqual([0, 1, 2]);
    near.send({ t: 'credit', id: 1, n: 2 });
    await settle();
    expect(seqs()).toEqual([0, 1, 2, 3, 4]);
    near.send({ t: 'cancel', id: 1 });
    await settle();
    expect(frames.at(-1)).toMatchObject({ t: 'err', id: 1, failure: { code: 'CANCELLED' } });
    served.close();
  });

  it('takes any frames for calls or a protocol error', async () => {
    const part = fc.oneof(fc.jsonValue(), fc.constantFrom('hello', 'req', 'cancel', 'credit', 'test.count'));
    const frame = fc.oneof(
      fc.constant(hello),
      fc.record(
        { t: part, id: fc.oneof(fc.integer(), part), method: part, input: part, credit: part, n: part, contract: part },
        { requiredKeys: ['t'] },
      ),
      part,
    );
    // No wire carries a member of that name: the sender refuses it, and MessagePack's decoder too (codec.test.ts).
    const carried = frame.filter((value) => !JSON.stringify(value).includes('__proto__'));
    await fc.assert(
      fc.asyncProperty(fc.array(carried, { maxLength: 8 }), async (sequence) => {
        const { near, served, closed, frames } = bareServer();
        for (const each of sequence) near.send(each);
        for (let i = 0; i < 20; i += 1) await Promise.resolve();
        served.close();
        await closed;
        for (const sent of frames) expect(['welcome', 'ok', 'err', 'ev', 'end']).toContain(sent.t);
      }),
    );
  });
});

describe('a client', () => {
  async function badServer(answer: (wire: Transport, id: number) => void) {
    const [near, far] = memoryPair();
    far.listen({
      frame(frame) {
        const { t, id } = frame as { t: string; id: number };
        if (t === 'hello') {
          const limits = { calls: 1, streams: 1, frame: 1 };
          far.send({ t: 'welcome', contract: 1, connection: 'c', limits });
        } else if (t === 'req') answer(far, id);
      },
      closed() {},
    });
    return connect(near, { contract, version: 1, role });
  }

  it('leaves a server that breaks the rules', async () => {
    const cases: ((wire: Transport, id: number) => void)[] = [
      (wire) => wire.send({ t: 'nonsense' }),
      (wire) => wire.send('text'),
      (wire, id) => wire.send({ t: 'ev', id, seq: 1, value: 0 }),
      (wire, id) => {
        for (let seq = 0; seq < 100; seq += 1) wire.send({ t: 'ev', id, seq, value: 0 });
      },
      (wire) => wire.send({ t: 'welcome', contract: 1, connection: 'c', limits: { calls: 1, streams: 1, frame: 1 } }),
    ];
    for (const misbehave of cases) {
      const connection = await badServer(misbehave);
      const reading = connection.client['test.count']({})[Symbol.asyncIterator]();
      // What came in order before is delivered; then it ends.
      const drain = async () => {
        for (let i = 0; i < 200; i += 1) await reading.next();
      };
      expect(await codeOf(drain())).toBe('PROTOCOL');
      expect(connection.open).toBe(false);
    }
    const connection = await badServer((wire, id) => wire.send({ t: 'end', id }));
    expect(await codeOf(connection.client['test.double']({}))).toBe('PROTOCOL');
  });

  it('gives a connection attempt up when told to, or when the pipe ends', async () => {
    const [near, far] = memoryPair();
    const leave = new AbortController();
    const attempt = connect(near, { contract, version: 1, role, signal: leave.signal });
    leave.abort();
    expect(await codeOf(attempt)).toBe('CANCELLED');
    void far;
    const [other, end] = memoryPair();
    const lost = connect(other, { contract, version: 1, role });
    end.close();
    expect(await codeOf(lost)).toBe('DISCONNECTED');
    expect(await codeOf(connect(memoryPair()[0], { contract, version: 1, role, signal: AbortSignal.abort() }))).toBe(
      'CANCELLED',
    );
  });

  it('is typed by the contract', () => {
    type Awaits<M extends keyof AgentClient> = Awaited<ReturnType<AgentClient[M]>>;
    expectTypeOf<Awaits<'identity.status'>>().toEqualTypeOf<IdentityStatus>();
    expectTypeOf<Awaits<'vault.put'>>().toEqualTypeOf<TaskStarted>();
    expectTypeOf<ReturnType<AgentClient['vault.read']>>().toEqualTypeOf<AsyncIterable<Uint8Array>>();
    // Defaults may be left out; what has none may not.
    expectTypeOf<{ paths: string[] }>().toExtend<Parameters<AgentClient['vault.put']>[0]>();
    expectTypeOf<{ into: 'root' }>().not.toExtend<Parameters<AgentClient['vault.put']>[0]>();
  });
});

describe('a test double', () => {
  it('answers what it was told, parses inputs, and fails by name for the rest', async () => {
    const { client, close, faults } = await connectDouble(contract, {
      'test.double': ({ n }) => ({ n: n * 2 }),
    });
    expect(await client['test.double']({ n: 4 })).toEqual({ n: 8 });
    expect(await client['test.double']({})).toEqual({ n: 2 });
    expect(await codeOf(client['test.double']({ n: 'x' as never }))).toBe('BAD_INPUT');
    const reading = client['test.count']({})[Symbol.asyncIterator]();
    await expect(reading.next()).rejects.toThrow(/no answer for test\.count/);
    expect(faults).toEqual([]);
    close();
  });

  it('notices when a test’s answer is not what the contract says', async () => {
    const { client, faults, close } = await connectDouble(contract, {
      'test.double': () => ({ n: 'text' as never }),
    });
    expect(await codeOf(client['test.double']({}))).toBe('INTERNAL');
    expect(String(faults[0])).toMatch(/test\.double answered what its contract does not say/);
    close();
  });
});
