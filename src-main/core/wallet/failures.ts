import { fail } from '#shared/rpc/fail.ts';

const nothing = 'Nothing was sent and nothing was paid.';

export const failures = {
  locked: () =>
    fail('LOCKED', 'Hypha is locked.', {
      meaning: 'Nothing was changed; this needs your keys.',
      next: 'Unlock with your passphrase and try again.',
    }),

  noAccount: (address: string) =>
    fail('NOT_FOUND', `${address} is none of your accounts.`, {
      meaning: nothing,
      next: 'Look at the list of your accounts.',
      data: { what: 'account' },
    }),

  watched: (address: string) =>
    fail('WATCH_ONLY', `The key of ${address} is not here: you only watch this account.`, {
      meaning: nothing,
      next: 'Import its key, or use another account.',
    }),

  noChain: (chain: string) =>
    fail('NOT_FOUND', `No chain ${chain} is known here.`, {
      meaning: nothing,
      next: 'Look at the list of chains, and add it there.',
      data: { what: 'chain' },
    }),

  noToken: (token: string) =>
    fail('NOT_FOUND', `${token} is not among your tokens.`, {
      meaning: 'Nothing was changed.',
      next: 'Look at the list of your tokens.',
      data: { what: 'token' },
    }),

  moneyShort: (what: string, has: string, needs: string) =>
    fail('MONEY_SHORT', `There is not enough ${what}: ${needs} is needed, and ${has} is there.`, {
      meaning: nothing,
      next: 'Send less, or get more of it first.',
      data: { has, needs },
    }),

  feeHigh: (fee: string, most: string) =>
    fail('FEE_HIGH', `This could cost up to ${fee} for the transaction alone; the limit is ${most}.`, {
      meaning: nothing,
      next: 'Wait until the chain is cheaper, or allow more by a fee limit. If others pay far less, the address that you ask this chain by may be lying.',
      data: { fee, most },
    }),

  notTaken: (why: string) =>
    fail('CALL_REFUSED', `The chain did not take the transaction: ${why}.`, {
      meaning:
        'Nothing was paid. What you send next from this account takes its place, so that it can never be made beside it.',
      next: 'See what the chain says and try again.',
      data: { error: null, args: [], reason: why },
    }),

  lost: () =>
    fail('TX_LOST', 'Another transaction of this account took the place of this one.', {
      meaning: 'It was not made, and it never will be.',
      next: 'Look at the movements of this account for what was made instead.',
    }),

  sentElsewhere: () =>
    fail('TX_LOST', 'This account has sent something that is not known here; it may have been this already', {
      meaning:
        'Nothing more was paid. It is so after an older copy of your data was put back, or when another program uses this account.',
      next: 'Look at what was paid before you do it again.',
    }),

  notSendable: () =>
    fail('CHAIN_UNREACHABLE', 'The chain did not answer, so it is not known whether it took the transaction.', {
      meaning: 'It is signed and kept here, and is sent again by itself until the chain has it.',
      next: 'Look at your movements before you send anything again.',
    }),

  settledAlready: () =>
    fail('TX_SETTLED', 'This transaction is through already.', {
      meaning: 'It can neither be made faster nor taken back.',
      next: 'Look at its state in your movements.',
    }),
};
