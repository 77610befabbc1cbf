import { dealIdSchema } from './shapes.ts';

const notForPeers = 'What you agreed with somebody is nobody else’s business.';
export const withheld = { peer: notForPeers };
/** What asking a chain can come to. */
export const chainErrors = ['CHAIN_UNKNOWN', 'CHAIN_UNREACHABLE', 'CHAIN_WRONG', 'CHAIN_RESTS', 'CHAIN_SAID'] as const;
/** What sending to one can. */
const sendErrors = [...chainErrors, 'KEYLESS', 'CALL_REFUSED', 'MONEY_SHORT', 'TX_LOST', 'ACT_FAILED'] as const;
export const dealErrors = ['NOT_FOUND', 'NOT_PARTY', 'WRONG_STATE', ...sendErrors] as const;
export const onceSent = 'What is on a chain stays there.';
export const deal = dealIdSchema.describe('the deal’s id');
