import fc from 'fast-check';
import { type Hex, hashMessage, hexToBytes, recoverAddress, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { describe, expect, it } from 'vitest';
import { evmAddressOf, evmSignatureBytes, signEvmHash } from './evm-sign.ts';

const secrets = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => evmAddressOf(bytes) !== null);

describe('signing as Ethereum does', () => {
  it('makes the bytes that another library makes, and they are of the account', async () => {
    await fc.assert(
      fc.asyncProperty(secrets, fc.string(), async (secret, text) => {
        const other = privateKeyToAccount(toHex(secret));
        const hash = hashMessage(text);
        const bytes = toHex(evmSignatureBytes(signEvmHash(secret, hexToBytes(hash))));
        expect(bytes).toBe(await other.signMessage({ message: text }));
        expect(evmAddressOf(secret)).toBe(other.address);
        expect(await recoverAddress({ hash, signature: bytes as Hex })).toBe(other.address);
      }),
      { numRuns: 25 },
    );
  });

  it('signs nothing but a hash, with nothing but a key', () => {
    expect(() => signEvmHash(new Uint8Array(32).fill(1), new Uint8Array(31))).toThrow(RangeError);
    expect(evmAddressOf(new Uint8Array(32))).toBeNull();
    expect(evmAddressOf(new Uint8Array(32).fill(255))).toBeNull();
    expect(evmAddressOf(new Uint8Array(31).fill(1))).toBeNull();
  });
});
