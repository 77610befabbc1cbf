/* The ledger's face: the domain, and a chain of one's own as it is opened, asked and checked. */
export { type Ledger, type LedgerOptions, openLedger } from './chain/ledger.ts';
export { type Verified, verifyLedger } from './chain/verify.ts';
export { createLedger, type LedgerDomain } from './domain.ts';
export { contradict, decodeHead, encodeHead, type Head, type SignedHead, statementOf } from './heads/head.ts';
export { createSeenHeads, type Shown, seenHeadsMigration } from './heads/seen.ts';
export type { ChainSource, LedgerDeps, LedgerPart, OwnLedger, OwnSession } from './ports.ts';
export { createRpcSession, type RpcSession } from './rpc/answer.ts';
