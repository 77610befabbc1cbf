import { describe, expect, it } from 'vitest';
import { openMulticast } from './multicast.ts';

describe('multicast', () => {
  it('opens, sends where it can and closes, also where there is no interface to use', async () => {
    const link = await openMulticast(() => {}, ['no-such-interface'], 0);
    expect(() => link.beacon(new Uint8Array(50))).not.toThrow();
    await link.close();
  });
});
