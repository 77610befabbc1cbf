/** Why a peer could not be connected to. */
export type DialReason =
  /** The computer is there; nobody listens at the port. */
  | 'refused'
  | 'no-answer'
  /** No way leads there, or none that may be used. */
  | 'unreachable'
  | 'unknown-name'
  /** It is a node of a private network, and not of ours by name and key. */
  | 'key'
  /** It ended the connection before anything was said, or says what no node says. */
  | 'closed'
  | 'other';

/** Errors of the system by what they mean; where several came of one attempt (a name with many addresses), the first counts. */
const meanings: readonly (readonly [DialReason, RegExp])[] = [
  // An alert is an answer of TLS: it understood, and did not want us. Node makes these names from OpenSSL's texts.
  ['key', /^ERR_SSL_.*ALERT/],
  ['closed', /^(ERR_SSL_.*|ECONNRESET|EPIPE|EPROTO|ECONNABORTED)$/],
  ['refused', /^ECONNREFUSED$/],
  ['no-answer', /^ETIMEDOUT$/],
  ['unreachable', /^(ENETUNREACH|EHOSTUNREACH|ENETDOWN|EHOSTDOWN|EADDRNOTAVAIL|EAFNOSUPPORT|EINVAL|EACCES|EPERM)$/],
  ['unknown-name', /^(ENOTFOUND|EAI_\w+)$/],
];

export function dialReason(error: unknown): DialReason {
  const codes = codesOf(error);
  return meanings.find(([, pattern]) => codes.some((code) => pattern.test(code)))?.[0] ?? 'other';
}

/** What a transport says when its own limit of time passed. */
export function noAnswer(): Error {
  return Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' });
}

function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const code = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  return error instanceof AggregateError ? [...error.errors.flatMap(codesOf), ...code] : code;
}
