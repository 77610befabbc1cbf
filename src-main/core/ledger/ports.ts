import type { Worker } from 'node:worker_threads';
import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import type { Accounts } from '#core/evm/accounts.ts';
import type { Chain } from '#core/evm/chain.ts';
import type { Emit, Host, Logger } from '#core/host.ts';
import type { Contract } from '#shared/rpc/contract.ts';
import type { SignedHead } from './heads/head.ts';
import type { PeersDeps } from './peers/ports.ts';

/** Where chains come from: this computer, contacts, RPC addresses. A chain that rests is in the list; asking it says why. */
export interface ChainSource {
  list(): readonly Chain[];
  /** Called when chains came, went or changed. */
  onChange(changed: () => void): () => void;
}

/** One of the parts that the ledger domain is made of, with the methods that are its own. */
export interface LedgerPart<C extends Contract> {
  readonly handlers: Handlers<C>;
  readonly checks?: Checks<C>;
  readonly naming?: Naming<C>;
  start(): Promise<void>;
  stop(): Promise<void>;
  notices?(): readonly Notice[];
}

export interface Notice {
  readonly code: string;
  readonly text: string;
}

/** Who signs heads of one's own ledger. */
export interface HeadSigner {
  /** Null while locked, and on a device without the person's keys. */
  self(): {
    readonly person: string;
    sign(bytes: Uint8Array): Uint8Array;
    /** Whether it is a signature of this person. */
    verify(bytes: Uint8Array, signature: Uint8Array): boolean;
  } | null;
}

/** What others are served of one's own ledger. */
export interface OwnLedger {
  /** Null while there is none that answers. */
  chain(): Chain | null;
  /** A conversation in JSON-RPC with filters of its own, as `createRpcSession` has it. */
  session(): OwnSession;
  /** The newest block, signed; the same one again until there is another. @throws Fail LOCKED, NO_LEDGER */
  head(): Promise<SignedHead>;
  /**
   * Somebody holds a head of this ledger that this person signed. When the ledger has another block there, or none, it was put back from an old copy
   * without anybody saying so: it takes up another incarnation before it signs anything else. Ask this before {@link head} is given out.
   *
   * @returns whether it fits what is here
   */
  shown(head: SignedHead): Promise<boolean>;
  /** Called after each block. */
  onBlock(listener: (number: number) => void): () => void;
}

export interface OwnSession {
  /** @returns null where no answer is wanted @throws Fail CHAIN_UNREACHABLE while the ledger's thread starts again */
  ask(text: string): Promise<string | null>;
  end(): void;
}

/** Where backups go: what brings it back on an empty computer needs the person's words and kit alone. */
export interface Safe {
  /** In place of the one of that path; durable when it resolves. @throws Fail LOCKED, NO_VAULT, NOT_ENOUGH_PLACES */
  put(path: readonly string[], from: string, signal: AbortSignal): Promise<void>;
  /** To a new file. @throws Fail LOCKED, NO_VAULT, NOT_FOUND, DAMAGED */
  fetch(path: readonly string[], to: string, signal: AbortSignal): Promise<void>;
}

export interface LedgerDeps {
  readonly host: Host;
  readonly log: Logger;
  readonly emit: Emit;
  /** The data directory: `ledger/` holds what this domain keeps. */
  readonly home: string;
  readonly signer: HeadSigner;
  readonly accounts: Accounts;
  readonly safe: Safe;
  /** What the person is called; null before there is one. */
  readonly person: () => string | null;
  /** Contacts, and ways to their ledgers. */
  readonly people: Pick<PeersDeps, 'streams' | 'operators' | 'contactOf'>;
  /** Tests end the ledger's thread from outside. */
  readonly made?: (worker: Worker) => void;
}
