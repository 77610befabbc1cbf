import type { MetaData } from '../metadata.ts';

/** A record that bincode 1.3.3 of Rust made of zstor's own types, and the same as a value. */
export const metaHex =
  '01000000000000000100000000000000cccccccccccccccccccccccccccccccc000000004000000000000000303030313032303330343035303630373038303930613062306330643065306631303131313231333134313531363137313831393161316231633164316531660000000002000000000000000000000000000000a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a00200000000000000010000000700000000000000010000000800000000000000000000007f000001ac260103000000000000006e733101020000000000000070770100000000000000a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a101000000000000000000000005000000010000002a021802005e000000000000deadbeefad260000';

export const vectorKey = Uint8Array.from({ length: 32 }, (_, i) => i);

export const metaValue: MetaData = {
  k: 1,
  parity: 1,
  checksum: new Uint8Array(16).fill(0xcc),
  key: vectorKey,
  shards: [
    {
      index: 0,
      checksum: new Uint8Array(16).fill(0xa0),
      keys: [
        { version: 2, id: 7n },
        { version: 2, id: 8n },
      ],
      at: { address: { ip: Uint8Array.of(127, 0, 0, 1), port: 9900 }, namespace: 'ns1', password: 'pw' },
    },
    {
      index: 1,
      checksum: new Uint8Array(16).fill(0xa1),
      keys: [{ version: 1, id: 5 }],
      at: {
        address: { ip: Uint8Array.of(0x2a, 2, 0x18, 2, 0, 0x5e, 0, 0, 0, 0, 0, 0, 0xde, 0xad, 0xbe, 0xef), port: 9901 },
        namespace: null,
        password: null,
      },
    },
  ],
};
