import { afterEach, describe, expect, it } from 'vitest';
import { systemRandom } from '#core/crypto/random.ts';
import { echoRequest, startTestNode, type TestNode, until } from '../testing/test-node.ts';
import { createPrivateTransport, isNetworkName, supportsPrivateNetworks } from './private-network.ts';

const running: TestNode[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});

async function start(name: string | null, key = new Uint8Array(32).fill(7)): Promise<TestNode> {
  const made = await startTestNode(name === null ? {} : { transport: createPrivateTransport({ name, key }) });
  running.push(made);
  return made;
}

const dial = (from: TestNode, to: TestNode): boolean =>
  from.node.addPeer({ scheme: 'tcp', host: '127.0.0.1', port: to.port });

describe('private networks', () => {
  it('work in this runtime, by their own test', async () => {
    expect(await supportsPrivateNetworks(systemRandom)).toBe(true);
  });

  it('link those who hold the key, and carry what the public one does', async () => {
    const [a, b] = [await start('family'), await start('family')];
    dial(a, b);
    const [from, to] = [a.node.self.address, b.node.self.address];
    a.node.send('ipv6', to, echoRequest(from, to, 1200));
    await until(() => b.got.length === 1);
    const data = systemRandom(100_000);
    b.messaging.push({ destination: from, data });
    await until(() => a.messages.length === 1);
    expect(a.messages[0]?.data).toEqual(data);
  });

  it('turn away who has another key, another name or none', async () => {
    const host = await start('family');
    const strangers = [await start('family', new Uint8Array(32).fill(8)), await start('others'), await start(null)];
    for (const stranger of strangers) dial(stranger, host);
    for (const stranger of strangers) await until(() => stranger.node.dialling()[0]?.state === 'waiting');
    expect(host.node.peers()).toEqual([]);
    const friend = await start('family');
    dial(friend, host);
    await until(() => host.node.peers().length === 1);
  });

  it('have names and keys of the lengths that others accept', () => {
    for (const name of ['ab', 'x'.repeat(64), 'éé']) expect(isNetworkName(name)).toBe(true);
    for (const name of ['', 'a', 'x'.repeat(65), 'é'.repeat(33)]) expect(isNetworkName(name)).toBe(false);
    expect(() => createPrivateTransport({ name: 'ab', key: new Uint8Array(16) })).toThrow(RangeError);
    expect(() => createPrivateTransport({ name: 'a', key: new Uint8Array(32) })).toThrow(RangeError);
  });
});
