import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { systemRandom } from '#core/crypto/random.ts';
import type { MeshMessage, MessageId } from '#shared/contract/mesh/index.ts';
import { createNodeIdentity } from '../identity/node-identity.ts';
import { startTestMesh, type TestMesh } from '../testing/test-mesh.ts';
import { until } from '../testing/test-node.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const off = systemRandom(32);
/** Ann has two devices: the first is off, the second is a peer of ours. */
async function annAndMe() {
  const [me, second] = await Promise.all([startTestMesh(), startTestMesh()]);
  ends.push(
    () => me.stop().catch(() => {}),
    () => second.stop(),
  );
  const join = (agent: TestMesh) =>
    agent.mesh.handlers['mesh.join']({ publicPeers: false, discovery: false, port: 0 }, agent.context);
  const mine = await join(me);
  const hers = await join(second);
  await me.mesh.handlers['mesh.addPeer']({ endpoint: `tcp://127.0.0.1:${hers.listening}` }, me.context);
  await until(async () => (await me.mesh.handlers['mesh.status']({}, me.context)).peers.connected === 1);
  const { publicKey } = createNodeIdentity(off, systemRandom);
  me.know('ann', Buffer.from(publicKey).toString('hex'), hers.publicKey);
  second.know('me', mine.publicKey);
  /** The first comes back. */
  const wake = async (): Promise<TestMesh> => {
    const first = await startTestMesh({ secret: off });
    ends.push(() => first.stop());
    first.know('me', mine.publicKey);
    await join(first);
    await first.mesh.handlers['mesh.addPeer']({ endpoint: `tcp://127.0.0.1:${mine.listening}` }, first.context);
    return first;
  };
  return { me, second, wake, addressOfSecond: hers.address ?? '', keyOfSecond: hers.publicKey, mine };
}

const inbox = async (agent: TestMesh): Promise<MeshMessage[]> =>
  (await agent.mesh.handlers['mesh.messages']({ box: 'in', unread: false, limit: 9 }, agent.context)).messages;
const letter = async (agent: TestMesh, id: MessageId): Promise<MeshMessage> =>
  (await agent.mesh.handlers['mesh.message']({ id, at: 0 }, agent.context)).message;

describe('a contact with two devices, of which the first is off', () => {
  it('gets a message at the second, and at the first when it returns', async () => {
    const { me, second, wake } = await annAndMe();
    const wanted = { to: 'ann', text: 'shall we meet?', topic: '', days: 7 };
    const { message } = await me.mesh.handlers['mesh.send'](wanted, me.context);
    expect(message).toMatchObject({ name: 'ann', state: 'waiting', devices: { all: 2, received: 0 } });
    await until(async () => (await letter(me, message.id)).state === 'received');
    expect(await letter(me, message.id)).toMatchObject({ devices: { all: 2, received: 1 } });
    expect(await inbox(second)).toMatchObject([{ text: 'shall we meet?', name: 'me', devices: null }]);

    const first = await wake();
    await until(async () => (await inbox(first)).length === 1);
    await until(async () => (await letter(me, message.id)).devices?.received === 2);
    // An answer from either is one, and is answered at both.
    const [got] = await inbox(first);
    if (got === undefined) throw new Error('nothing came');
    const answer = { to: 'me', text: 'at noon?', topic: '', days: 7, replyTo: got.id };
    await first.mesh.handlers['mesh.send'](answer, first.context);
    await until(async () => (await inbox(me)).length === 1);
    const [question] = await inbox(me);
    expect(question).toMatchObject({ text: 'at noon?', replyTo: message.id, name: 'ann' });
    const good = { to: question?.address ?? '', text: 'good', topic: '', days: 7, replyTo: question?.id };
    await me.mesh.handlers['mesh.send'](good, me.context);
    await until(async () => (await inbox(first)).length === 2 && (await inbox(second)).length === 2);
    const { messages } = await me.mesh.handlers['mesh.messages']({ box: 'out', unread: false, limit: 9 }, me.context);
    expect(messages.map((one) => one.text)).toEqual(['good', 'shall we meet?']);
  }, 60_000);

  it('gets nothing more at a device that was revoked', async () => {
    const { me, wake, keyOfSecond } = await annAndMe();
    const wanted = { to: 'ann.hypha', text: 'not for the thief', topic: '', days: 7 };
    const { message } = await me.mesh.handlers['mesh.send'](wanted, me.context);
    await until(async () => (await letter(me, message.id)).devices?.received === 1);
    me.know('ann', keyOfSecond);
    expect(await letter(me, message.id)).toMatchObject({ state: 'received', devices: { all: 1, received: 1 } });
    const thief = await wake();
    await me.mesh.handlers['mesh.send']({ to: 'ann', text: 'nor this', topic: '', days: 7 }, me.context);
    const { address } = await thief.mesh.handlers['mesh.status']({}, thief.context);
    // Once there is a way to it, what was for it would have been sent.
    for await (const { ms } of me.mesh.handlers['mesh.ping']({ target: address ?? '', count: 1 }, me.context)) {
      expect(ms).not.toBeNull();
    }
    expect(await inbox(thief)).toEqual([]);
  }, 60_000);

  it('is reached at the second by forwards, the proxy, pings and traces', async () => {
    const { me, second, addressOfSecond } = await annAndMe();
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end('hello from the second');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(() => new Promise((resolve) => server.close(resolve)));
    const localPort = (server.address() as { port: number }).port;
    await second.mesh.handlers['mesh.expose']({ localPort, port: 80, allow: ['me'] }, second.context);

    const { forward } = await me.mesh.handlers['mesh.forward']({ target: 'ann', port: 80 }, me.context);
    const dial = (at: number | null) => {
      const socket = connect(at ?? 0, '127.0.0.1');
      // What is broken off after all was read, when the agent stops, is no matter.
      socket.on('error', () => {});
      return socket;
    };
    const ask = async () => text(dial(forward.localPort));
    expect(await ask()).toBe('hello from the second');
    expect(await ask()).toBe('hello from the second');

    const { port, user, password } = await me.mesh.handlers['mesh.setSocks']({ on: true }, me.context);
    const socket = dial(port);
    const field = (value: string | null) => [value?.length ?? 0, ...Buffer.from(value ?? '')];
    socket.write(
      Uint8Array.of(5, 1, 2, 1, ...field(user), ...field(password), 5, 1, 0, 3, ...field('ann.hypha'), 0, 80),
    );
    expect(await text(socket)).toContain('hello from the second');
    socket.destroy();

    for await (const line of me.mesh.handlers['mesh.ping']({ target: 'ann', count: 1 }, me.context)) {
      expect(line).toMatchObject({ address: addressOfSecond, detail: '' });
    }
    for await (const hop of me.mesh.handlers['mesh.trace']({ target: 'ann', maxHops: 5 }, me.context)) {
      expect(hop).toMatchObject({ hop: 1, address: addressOfSecond });
    }
    const { reachable, findings } = await me.mesh.handlers['mesh.diagnose']({ target: 'ann', port: 80 }, me.context);
    expect(reachable).toBe(true);
    expect(findings.find(({ code }) => code === 'NAME')?.text).toBe(
      `ann has 2 devices; this is about the one at ${addressOfSecond}.`,
    );
  }, 60_000);

  it('is told to be reached where the service is, and not where somebody answers first', async () => {
    const { me, second, wake, addressOfSecond } = await annAndMe();
    const server = createServer((socket) => socket.on('error', () => {}).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(() => new Promise((resolve) => server.close(resolve)));
    const localPort = (server.address() as { port: number }).port;
    await second.mesh.handlers['mesh.expose']({ localPort, port: 80, allow: ['me'] }, second.context);
    const first = await wake();
    const { address } = await first.mesh.handlers['mesh.status']({}, first.context);
    for await (const { ms } of me.mesh.handlers['mesh.ping']({ target: address ?? '', count: 1 }, me.context)) {
      expect(ms).not.toBeNull();
    }
    const diagnose = (port: number) => me.mesh.handlers['mesh.diagnose']({ target: 'ann', port }, me.context);
    const { reachable, findings } = await diagnose(80);
    expect(reachable).toBe(true);
    expect(findings.find(({ code }) => code === 'NAME')?.text).toContain(addressOfSecond);
    expect((await diagnose(81)).reachable).toBe(false);
  }, 60_000);
});
