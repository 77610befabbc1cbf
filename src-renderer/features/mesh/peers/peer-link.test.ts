import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endpointSchema } from '#shared/contract/mesh/index.ts';
import { mostEndpoints, peerLink, readPeer } from './peer-link.ts';

const host = fc.oneof(
  fc.ipV4(),
  fc.domain(),
  fc.ipV6().map((ip) => `[${ip}]`),
);
const endpoint = fc
  .tuple(host, fc.integer({ min: 1, max: 65_535 }))
  .map(([name, port]) => `tcp://${name}:${port}`)
  .filter((one) => endpointSchema.safeParse(one).success && !/\/\/(localhost|127\.|\[::1\])/.test(one));

describe('links to peers', () => {
  it('come back as the endpoints they were made of', () => {
    fc.assert(
      fc.property(fc.uniqueArray(endpoint, { minLength: 1, maxLength: mostEndpoints }), (endpoints) => {
        expect(readPeer(peerLink(endpoints) ?? '')).toEqual(endpoints);
      }),
    );
  });

  it('leave out what means nothing elsewhere', () => {
    expect(peerLink(['tcp://[fe80::1%eth0]:9651', 'tcp://127.0.0.1:9651', 'tcp://[::1]:9651'])).toBeNull();
    expect(peerLink(['tcp://[fe80::1%eth0]:9651', 'tcp://192.168.1.4:9651'])).toBe(
      'hypha://peer?e=tcp%3A%2F%2F192.168.1.4%3A9651',
    );
    expect(peerLink([])).toBeNull();
  });

  it('are read from what people type, too', () => {
    expect(readPeer(' 192.168.1.4:9651 ')).toEqual(['tcp://192.168.1.4:9651']);
    expect(readPeer('peer.example')).toEqual(['tcp://peer.example']);
    expect(readPeer('[2001:db8::1]:9651')).toEqual(['tcp://[2001:db8::1]:9651']);
    expect(readPeer('TCP://Peer.example:9651')).toEqual(['TCP://Peer.example:9651']);
  });

  it.each(['', '  ', 'hello you', 'http://peer.example', 'hypha://peer?', 'hypha://peer?e=', 'hypha://open/task/1'])(
    'are not made up from %j',
    (text) => expect(readPeer(text)).toBeNull(),
  );

  it('are refused whole when a part is not understood, or when there are too many', () => {
    expect(readPeer('hypha://peer?e=tcp%3A%2F%2Fa%3A1&e=javascript%3Aalert(1)')).toBeNull();
    expect(readPeer(`hypha://peer?${Array.from({ length: 7 }, (_, i) => `e=tcp://a${i}:1`).join('&')}`)).toBeNull();
    fc.assert(fc.property(fc.string(), (text) => void readPeer(text)));
    fc.assert(fc.property(fc.string(), (text) => void readPeer(`hypha://peer?e=${text}`)));
  });
});
