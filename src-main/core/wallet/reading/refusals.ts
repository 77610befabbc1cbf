import { refusalOf } from '#core/evm/refusals.ts';
import type { Refusal } from '../simulate/protocol.ts';
import { amountWords, plainText } from './words.ts';

/** What the compiler of Solidity panics for: https://docs.soliditylang.org/en/latest/control-structures.html */
const panics: Readonly<Record<string, string>> = {
  1: 'something that must always hold does not',
  17: 'a number became too large or too small',
  18: 'it divides by nothing',
  33: 'a value is none of those that are known',
  49: 'it takes from an empty list',
  50: 'it looks behind the end of a list',
  65: 'it asks for too much memory',
};

/** Errors of tokens (ERC-6093) and of our contracts that people meet, in their words. */
const meanings: Readonly<Record<string, string>> = {
  ERC20InsufficientBalance: 'the account has too little of the token',
  ERC20InsufficientAllowance: 'it was not allowed to take so much of the token',
  ERC20InvalidReceiver: 'the token cannot go to that address',
  ERC2612ExpiredSignature: 'the permission ran out',
  ERC2612InvalidSigner: 'somebody else signed the permission',
  NotIssuer: 'only who issues these credits can do that',
  NotParty: 'only a party of the deal can do that',
  OfferOver: 'the offer ran out',
  OfferUsedUp: 'the offer was accepted as often as it may be, or taken back',
  DealExists: 'this deal was made before',
  NodeReserved: 'the node is reserved for somebody else',
  NothingOwed: 'there is nothing to withdraw',
  WrongState: 'the deal is not in a state for that',
  TooLate: 'it is too late for that',
  TooSoon: 'it is too early for that',
  Taken: 'somebody holds this name',
  NotOwner: 'the name is not yours',
};

/** Why it would fail, for people, without a full stop. */
export function refusalWords(refusal: Refusal, coin: { symbol: string; decimals: number } | null): string {
  switch (refusal.kind) {
    case 'money':
      return `the account has only ${amountWords(refusal.has, coin ?? { symbol: 'wei', decimals: 0 })}`;
    case 'halted':
      return refusal.error === 'out of gas' ? 'it needs more work than a block has room for' : plainText(refusal.error);
    case 'reverted': {
      const { name, args, text } = refusalOf(refusal.data);
      if (name === 'Panic') return panics[String(args[0])] ?? `the contract broke off (${String(args[0])})`;
      const meaning = name === null ? undefined : meanings[name];
      if (meaning !== undefined) return meaning;
      return text === '' ? 'the contract gives no reason' : `the contract says “${text}”`;
    }
  }
}
