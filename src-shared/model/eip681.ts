import { type ChainRef, chainIdOf, chainRef, type EvmAddress } from './evm.ts';

/*
 * Requests for payment as ERC-681 has them: `ethereum:[pay-]ADDRESS[@CHAIN][/transfer]?…`. Of its grammar what pays: the coin of a chain to an
 * address, or an ERC-20 token by `transfer`. Everything else (names of ENS, other functions) is no link to pay by and is refused, not guessed at.
 */

export interface PaymentRequest {
  readonly chain: ChainRef;
  readonly to: EvmAddress;
  /** Null for the coin. */
  readonly token: EvmAddress | null;
  /** Smallest units; null where the payer chooses. */
  readonly amount: bigint | null;
}

const address = /^0x[0-9a-fA-F]{40}$/;
const most = 1n << 256n;

/** @returns the link; addresses stay as they are written, so hand them in with their checksum */
export function formatPaymentRequest({ chain, to, token, amount }: PaymentRequest): string {
  const target = `ethereum:${token ?? to}@${chainIdOf(chain)}`;
  if (token === null) return amount === null ? target : `${target}?value=${amount}`;
  return `${target}/transfer?address=${to}${amount === null ? '' : `&uint256=${amount}`}`;
}

/** @returns null for what is none, or asks for something else than a payment */
export function parsePaymentRequest(text: string): PaymentRequest | null {
  const parts = /^ethereum:(?:pay-)?(0x[0-9a-fA-F]{40})(?:@([1-9]\d{0,19}))?(?:\/([A-Za-z]\w*))?(?:\?(.*))?$/i.exec(
    text.trim(),
  );
  if (parts === null) return null;
  const [, target = '', chainText = '1', call, query = ''] = parts;
  const given = parametersOf(query);
  if (given === null) return null;
  const chain = chainRef(BigInt(chainText));
  // A limit or price of gas says how to send, which the payer's wallet decides itself.
  const known =
    call === undefined
      ? ['value', 'gas', 'gasLimit', 'gasPrice']
      : ['address', 'uint256', 'gas', 'gasLimit', 'gasPrice'];
  if ([...given.keys()].some((name) => !known.includes(name))) return null;
  if (call === undefined) {
    const amount = amountOf(given.get('value'));
    return amount === undefined ? null : { chain, to: target as EvmAddress, token: null, amount };
  }
  const to = given.get('address') ?? '';
  const amount = amountOf(given.get('uint256'));
  if (call !== 'transfer' || !address.test(to) || amount === undefined) return null;
  return { chain, to: to as EvmAddress, token: target as EvmAddress, amount };
}

/** Null where a name stands twice: which of the two a payer sees would be chance. */
function parametersOf(query: string): Map<string, string> | null {
  const given = new Map<string, string>();
  for (const pair of query === '' ? [] : query.split('&')) {
    const at = pair.indexOf('=');
    const name = at === -1 ? pair : pair.slice(0, at);
    if (name === '' || at === -1 || given.has(name)) return null;
    given.set(name, pair.slice(at + 1));
  }
  return given;
}

/** `2.014e18` and the like, exactly. @returns undefined for what is no whole number of units; null for nothing */
function amountOf(text: string | undefined): bigint | null | undefined {
  if (text === undefined) return null;
  const parts = /^\+?(\d{1,78})(?:\.(\d{1,78}))?(?:[eE]\+?(\d{1,2}))?$/.exec(text);
  if (parts === null) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = parts;
  const digits = fraction.replace(/0+$/, '');
  const shift = Number(exponent) - digits.length;
  if (shift < 0) return undefined;
  const amount = BigInt(whole + digits) * 10n ** BigInt(shift);
  return amount < most ? amount : undefined;
}
