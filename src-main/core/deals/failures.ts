import { fail } from '#shared/rpc/fail.ts';

/* What deals say when something cannot be done. */

const nothing = 'Nothing was signed and nothing was paid.';

export const failures = {
  locked: () =>
    fail('LOCKED', 'Hypha is locked.', { meaning: nothing, next: 'Unlock with your passphrase and try again.' }),
  chainUnknown: (ref: string) =>
    fail('CHAIN_UNKNOWN', `The chain ${ref} is not known here.`, {
      meaning: nothing,
      next: 'Add the chain, or join the ledger of whoever you deal with, and try again.',
      data: { chain: ref },
    }),
  noContracts: (name: string) =>
    fail('NO_CONTRACTS', `On ${name} there are no contracts that deals could be made with.`, {
      meaning: nothing,
      next: 'Put the contracts there first, or use another chain.',
    }),
  noToken: (address: string) =>
    fail('NO_TOKEN', `${address} is no token that amounts can be counted in.`, {
      meaning: nothing,
      next: 'Give the address of the token’s contract on this chain.',
    }),
  noOffer: () =>
    fail('NOT_FOUND', 'There is no such offer here.', {
      meaning: nothing,
      next: 'Open its link, or look at the list.',
    }),
  noDeal: () => fail('NOT_FOUND', 'There is no such deal of yours.', { meaning: nothing, next: 'Look at the list.' }),
  noProposal: () =>
    fail('NOT_FOUND', 'There is no such proposal here.', {
      meaning: nothing,
      next: 'Open its link, or look at the deal.',
    }),
  offerInvalid: (why: string) =>
    fail('OFFER_INVALID', `This offer does not hold: ${why}.`, {
      meaning: nothing,
      next: 'Ask whoever made it for a new one.',
    }),
  offerOver: (why: string) =>
    fail('OFFER_OVER', `This offer cannot be accepted any more: ${why}.`, {
      meaning: nothing,
      next: 'Ask whoever made it for a new one.',
    }),
  proposalInvalid: (why: string) =>
    fail('PROPOSAL_INVALID', `This cannot be signed: ${why}.`, {
      meaning: nothing,
      next: 'Ask the other side to propose it anew.',
    }),
  notParty: (who: string) =>
    fail('NOT_PARTY', `Only the ${who} of this deal can do that.`, { meaning: nothing, next: 'Ask the other side.' }),
  wrongState: (state: string) =>
    fail('WRONG_STATE', `That cannot be done with a deal that is ${state}.`, {
      meaning: nothing,
      next: 'Look at the deal: it says what can be done now.',
      data: { state },
    }),
  amountWrong: (symbol: string, decimals: number) =>
    fail('AMOUNT_WRONG', `That is no amount of ${symbol}.`, {
      meaning: nothing,
      next: `Give a number with at most ${decimals} digits after the point.`,
    }),
  tooMuch: (most: string) =>
    fail('AMOUNT_TOO_MUCH', `That is more than can be shared: ${most}.`, { meaning: nothing, next: 'Give less.' }),
  depositSmall: (least: string) =>
    fail('DEPOSIT_SMALL', `The offer wants a deposit of at least ${least}.`, { meaning: nothing, next: 'Give more.' }),
  short: (have: string, want: string) =>
    fail('MONEY_SHORT', `You have ${have}, and ${want} is needed.`, {
      meaning: nothing,
      next: 'Get what is missing first, or give a smaller amount.',
    }),
  priceTooFine: (symbol: string) =>
    fail('PRICE_TOO_FINE', `Deals count by the second, and ${symbol} cannot be divided finely enough for this price.`, {
      meaning: 'The price would be off by more than one part in a hundred.',
      next: 'Give a higher price, or one in a token with more digits.',
    }),
  termsWrong: (why: string) =>
    fail('TERMS_WRONG', `No deal could be made on these terms: ${why}.`, {
      meaning: nothing,
      next: 'Change the terms.',
    }),
  receiptWrong: (why: string) =>
    fail('RECEIPT_WRONG', `This receipt cannot be: ${why}.`, { meaning: nothing, next: 'Correct it and try again.' }),
  nothingOwed: (symbol: string) =>
    fail('NOTHING_OWED', `No ${symbol} is yours to be paid out.`, {
      meaning: 'What was earned in the last seconds of a window stays in its deal for so long.',
      next: 'Try again later.',
    }),
  actFailed: (what: string, why: string, undone: boolean) =>
    fail('ACT_FAILED', `It came to nothing: ${why}.`, {
      meaning: undone
        ? `What had been done of “${what}” was taken back.`
        : `Nothing of “${what}” was done that would have to be taken back.`,
      next: 'Look at the deal, and try again where that makes sense.',
    }),
};
