import { isFail } from '#shared/rpc/fail.ts';
import { escapeText } from './xml.ts';

/** An answer that is not what was asked for. `condition`: an element of RFC 4918, section 16, by name, with what it holds. */
export class DavError extends Error {
  readonly status: number;
  readonly condition: { readonly name: string; readonly inner: string } | null;
  constructor(status: number, message: string, condition: string | null = null, inner = '') {
    super(message);
    this.status = status;
    this.condition = condition === null ? null : { name: condition, inner };
  }
}

export const conflict = (): DavError => new DavError(409, 'The folder it would lie in is not there.');
export const noSuch = (): DavError => new DavError(404, 'There is nothing of this name in the vault.');
export const badRequest = (what: string): DavError => new DavError(400, what);

/** Codes of the vault as statuses of WebDAV. What is not listed is a fault of ours. */
const statuses: Readonly<Record<string, number>> = {
  LOCKED: 503,
  NO_VAULT: 503,
  NOT_FOUND: 409,
  NAME_TAKEN: 412,
  BAD_INPUT: 400,
  TOO_LARGE: 413,
  DISK_FULL: 507,
  NOT_ENOUGH_PLACES: 507,
  DAMAGED: 502,
  CANCELLED: 503,
};

/** Null for what is no expected failure. */
export function asDavError(error: unknown): DavError | null {
  if (error instanceof DavError) return error;
  if (!isFail(error)) return null;
  const status = statuses[error.code];
  if (status === undefined) return null;
  const text = [error.message, error.meaning, error.next].filter((one) => one !== undefined).join(' ');
  const full = status === 507 ? 'quota-not-exceeded' : null;
  return new DavError(status, text, full);
}

export function errorBody({ message, condition }: DavError): { type: string; text: string } {
  if (condition === null) return { type: 'text/plain; charset=utf-8', text: `${message}\n` };
  const { name, inner } = condition;
  const element = inner === '' ? `<D:${name}/>` : `<D:${name}>${inner}</D:${name}>`;
  const text = `<?xml version="1.0" encoding="utf-8"?>\n<D:error xmlns:D="DAV:">${element}<H:message xmlns:H="urn:hypha">${escapeText(message)}</H:message></D:error>\n`;
  return { type: 'application/xml; charset=utf-8', text };
}
