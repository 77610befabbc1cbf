/* The ledger's face: a chain of one's own, what it is asked with, and the check of all it holds. */
export { type Ledger, type LedgerOptions, openLedger } from './chain/ledger.ts';
export { type Verified, verifyLedger } from './chain/verify.ts';
export { contradict, decodeHead, encodeHead, type Head, type SignedHead, statementOf } from './heads/head.ts';
export { createSeenHeads, type Shown, seenHeadsMigration } from './heads/seen.ts';
export { createPublicPart } from './public/index.ts';
export { createRpcSession, type RpcSession } from './rpc/answer.ts';
