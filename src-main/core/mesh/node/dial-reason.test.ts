import { expect, it } from 'vitest';
import { dialReason, noAnswer } from './dial-reason.ts';

const coded = (code: string): Error => Object.assign(new Error(code), { code });

it.each([
  ['ECONNREFUSED', 'refused'],
  ['ETIMEDOUT', 'no-answer'],
  ['ENETUNREACH', 'unreachable'],
  ['EHOSTUNREACH', 'unreachable'],
  ['EINVAL', 'unreachable'],
  ['ENOTFOUND', 'unknown-name'],
  ['EAI_AGAIN', 'unknown-name'],
  ['ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR', 'key'],
  ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'key'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'closed'],
  ['ECONNRESET', 'closed'],
  ['EWHATEVER', 'other'],
])('%s means %s', (code, reason) => {
  expect(dialReason(coded(code))).toBe(reason);
});

it('takes what is no error of the system, too', () => {
  expect(dialReason(noAnswer())).toBe('no-answer');
  for (const error of [undefined, null, 'refused', new Error('refused'), { code: 7 }]) {
    expect(dialReason(error)).toBe('other');
  }
});

it('tells of the address that came furthest, where a name has many', () => {
  const both = new AggregateError([coded('ENETUNREACH'), coded('ECONNREFUSED')]);
  expect(dialReason(Object.assign(both, { code: 'ENETUNREACH' }))).toBe('refused');
});
