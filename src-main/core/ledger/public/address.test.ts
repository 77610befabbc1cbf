import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFail } from '#shared/rpc/fail.ts';
import { readRpcAddress } from './address.ts';

describe('the address of an RPC server', () => {
  it.each([
    ['https://rpc.example.org', 'https://rpc.example.org', false],
    ['  https://rpc.example.org/v3/0123key  ', 'https://rpc.example.org/…', false],
    ['https://ann:key@rpc.example.org', 'https://rpc.example.org/…', false],
    ['https://rpc.example.org?key=0123', 'https://rpc.example.org/…', false],
    ['http://127.0.0.1:8545', 'http://127.0.0.1:8545', true],
    ['http://localhost:8545/', 'http://localhost:8545', true],
    ['http://192.168.7.9:8545', 'http://192.168.7.9:8545', true],
    ['http://172.16.0.1', 'http://172.16.0.1', true],
    ['http://[::1]:8545', 'http://[::1]:8545', true],
    ['http://[fd12::7]:8545', 'http://[fd12::7]:8545', true],
  ])('%s is shown as %s', (text, shown, unencrypted) => {
    expect(readRpcAddress(text)).toMatchObject({ shown, unencrypted });
  });

  it.each([
    'http://rpc.example.org',
    'http://8.8.8.8',
    'http://172.32.0.1',
    'http://[2001:db8::1]',
    'http://10.0.0.1.example.org',
    'ftp://127.0.0.1',
    'file:///etc/passwd',
    'rpc.example.org',
    '',
  ])('%s is refused', (text) => {
    expect(() => readRpcAddress(text)).toThrow(expect.objectContaining({ code: 'RPC_INVALID' }));
  });

  it('is read or refused, whatever it is, and never shows a key', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl({ withQueryParameters: true }).map((url) => `${url}/zzkey`),
        ),
        (text) => {
          try {
            expect(readRpcAddress(text).shown).not.toContain('zzkey');
          } catch (error) {
            if (!isFail(error, 'RPC_INVALID')) throw error;
          }
        },
      ),
    );
  });
});
