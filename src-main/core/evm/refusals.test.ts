import fc from 'fast-check';
import { encodeErrorResult } from 'viem';
import { describe, expect, it } from 'vitest';
import { fail } from '#shared/rpc/fail.ts';
import { credits } from './contracts/credits.generated.ts';
import { asRefusal, refusalOf } from './refusals.ts';

const errorText = [{ type: 'error', name: 'Error', inputs: [{ name: 'text', type: 'string' }] }] as const;

describe('what a contract refused with', () => {
  it('is told by the name that the contract gives it', () => {
    const data = encodeErrorResult({ abi: credits.abi, errorName: 'NotIssuer' });
    expect(refusalOf(data)).toEqual({ name: 'NotIssuer', args: [], text: 'NotIssuer' });
    const failure = asRefusal(fail('CHAIN_SAID', 'no', { data: { code: 3, message: 'execution reverted', data } }));
    expect(failure).toMatchObject({ code: 'CALL_REFUSED', data: { error: 'NotIssuer', reason: 'NotIssuer' } });
  });

  it('is told in the words of the contract, without what would turn them into others', () => {
    const data = encodeErrorResult({ abi: errorText, errorName: 'Error', args: ['no\u202e\nmore'] });
    expect(refusalOf(data).text).toBe('no  more');
  });

  it('never fails to be told, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.uint8Array({ maxLength: 300 })), (bytes) => {
        const data = typeof bytes === 'string' ? bytes : `0x${Buffer.from(bytes).toString('hex')}`;
        expect(refusalOf(data).text.length).toBeLessThan(2_000);
      }),
    );
  });

  it('leaves alone what is no refusal of a contract', () => {
    const poor = fail('CHAIN_SAID', 'no', { data: { code: -32_000, message: 'insufficient funds for gas' } });
    expect(asRefusal(poor)).toBe(poor);
    const away = fail('CHAIN_UNREACHABLE', 'no');
    expect(asRefusal(away)).toBe(away);
  });
});
