import { type Fail, fail } from '#shared/rpc/fail.ts';

/*
 * How a connection can fail, as data of the house. `data.errno` is Node's own code for the same, for libraries that look
 * for it (a socket's error has both: `code` is ours).
 */
const lost = 'What was on its way may or may not have arrived.';

export const refused = (): Fail =>
  fail('REFUSED', 'Nothing accepts connections at that address and port.', {
    next: 'Check that the service runs and listens on its mesh address.',
    data: { errno: 'ECONNREFUSED' },
  });

export const reset = (): Fail =>
  fail('RESET', 'The other side broke off the connection.', { meaning: lost, data: { errno: 'ECONNRESET' } });

export const timedOut = (): Fail =>
  fail('TIMED_OUT', 'The other side has stopped answering.', {
    meaning: lost,
    next: 'Check that it is on and joined to the mesh, then try again.',
    data: { errno: 'ETIMEDOUT' },
  });

export const unreachable = (why: string): Fail =>
  fail('UNREACHABLE', `There is no way to that address: ${why}.`, {
    next: 'Check the address, and that the other side is joined to the mesh.',
    data: { errno: 'EHOSTUNREACH' },
  });

export const inUse = (port: number): Fail =>
  fail('IN_USE', `Port ${port} is taken on the mesh address.`, {
    next: 'Choose another port, or close what uses it.',
    data: { errno: 'EADDRINUSE' },
  });

export const noPort = (): Fail =>
  fail('BUSY', 'Every free port of the mesh address is in use.', {
    next: 'Close some connections.',
    data: { errno: 'EADDRNOTAVAIL' },
  });

export const tooMany = (): Fail =>
  fail('BUSY', 'There are too many mesh connections, or their buffers hold all the memory they may.', {
    next: 'Close some connections.',
    data: { errno: 'ENOBUFS' },
  });

export const cancelled = (): Fail =>
  fail('CANCELLED', 'The connection was given up.', { data: { errno: 'ECONNABORTED' } });

export const badInput = (message: string): Fail => fail('BAD_INPUT', message, { data: { errno: 'EINVAL' } });
