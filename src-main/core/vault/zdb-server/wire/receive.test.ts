import { Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { afterEach, expect, it } from 'vitest';
import { openServer, type ServerBench } from '../testing/bench.ts';
import { request } from '../testing/raw-client.ts';
import { createReceiveRoom, receiveInto } from './receive.ts';

let bench: ServerBench | null = null;
afterEach(async () => {
  await bench?.stop();
  bench = null;
});

it('leaves alone what has no handle of the kind it knows', () => {
  const room = createReceiveRoom();
  const strange = new Socket();
  for (const handle of [null, {}, { useUserBuffer: true }]) {
    Object.assign(strange, { _handle: handle });
    expect(receiveInto(room, strange, () => {})).toBe(null);
  }
  expect(strange.destroyed).toBe(false);
  Object.assign(strange, { _handle: null });
  strange.destroy();
});

it('a connection that came in another way is served by its events', async () => {
  bench = await openServer();
  const [client, server] = duplexPair();
  bench.server.accept(server);
  const value = 'x'.repeat(200_000);
  const expected = `$1\r\na\r\n$${value.length}\r\n${value}\r\n`;
  let said = '';
  const whole = new Promise<void>((resolve) => {
    client.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1');
      if (said.length >= expected.length) resolve();
    });
  });
  const bytes = Buffer.concat([request('SET', 'a', value), request('GET', 'a')]);
  for (let at = 0; at < bytes.length; at += 30_000) client.write(bytes.subarray(at, at + 30_000));
  await whole;
  expect(said).toBe(expected);
  client.end();
});

it('many connections share the room, and none sees what another sent', async () => {
  const opened = await openServer();
  bench = opened;
  const clients = await Promise.all(Array.from({ length: 8 }, () => opened.connect()));
  const value = (c: number, i: number): string => `${c}-${i};`.repeat(20_000 + 1000 * c).slice(0, 60_000 + 7919 * c);
  await Promise.all(
    clients.map(async (client, c) => {
      // Cut anywhere, so that parts of requests of all of them lie in wait at once.
      for (let i = 0; i < 6; i++) {
        const bytes = request('SET', `key ${c}`, value(c, i));
        for (let at = 0; at < bytes.length; at += 9973) client.send(bytes.subarray(at, at + 9973));
        await client.reply();
        expect(await client.say('GET', `key ${c}`)).toBe(`$${value(c, i).length}|${value(c, i)}|`);
      }
    }),
  );
});
