import type { Receipt } from '#core/evm/accounts.ts';
import type { Database } from '#core/store/database.ts';
import type { ChainRef, EvmAddress, Hash32 } from '#shared/model/evm.ts';

/**
 * `written` signed, and it is not known whether the chain has it. `waiting` the chain has it, in no block. `included` in a block, with
 * fewer after it than its chain asks for. `done`. `refused` the chain did not take it; what is sent next takes its number. `replaced` by
 * another of ours, `lost` to one that is not from here: both never happen.
 */
export type SendState = 'written' | 'waiting' | 'included' | 'done' | 'refused' | 'replaced' | 'lost';

/** A signed transaction as it is kept. */
export interface Sent {
  readonly hash: Hash32;
  readonly chain: ChainRef;
  readonly key: string;
  /** `first` as it was asked for; `faster` the same for a higher fee; `cancel` nothing in its place. */
  readonly kind: 'first' | 'faster' | 'cancel';
  readonly sender: EvmAddress;
  readonly nonce: number;
  readonly recipient: EvmAddress | null;
  readonly data: `0x${string}`;
  readonly value: bigint;
  readonly gas: bigint;
  /** For each gas, at most. */
  readonly maxFee: bigint;
  /** For each gas, to who makes the block; null on a chain from before EIP-1559. */
  readonly tip: bigint | null;
  readonly raw: Uint8Array;
  readonly about: string;
  /** What it moves, for the list of movements; null for what other parts of Hypha sent. */
  readonly details: SendDetails | null;
  readonly state: SendState;
  readonly madeAt: number;
  /** When it was last handed to the chain. */
  readonly sentAt: number | null;
  readonly receipt: (Receipt & { readonly blockHash: Hash32 }) | null;
  /** What was paid for it. */
  readonly fee: bigint | null;
  readonly refusal: string | null;
}

export interface SendDetails {
  /** Null for the chain's coin. */
  readonly token: EvmAddress | null;
  readonly amount: string;
  readonly to: EvmAddress;
  readonly contact: string | null;
  readonly note: string | null;
}

const open = `('written', 'waiting', 'included', 'refused')`;
const alive = `('written', 'waiting', 'included', 'done')`;

export type SendTable = ReturnType<typeof createSendTable>;

export function createSendTable({ db }: Pick<Database, 'db'>) {
  const insert =
    db.prepare(`INSERT INTO sends (hash, chain, key, kind, sender, nonce, recipient, data, value, gas, max_fee, tip,
    raw, about, details, state, made_at, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'written', ?, ?)`);
  const byHash = db.prepare('SELECT * FROM sends WHERE hash = ?');
  const byKey = db.prepare(`SELECT * FROM sends WHERE key = ? AND kind = 'first'`);
  const inPlace = db.prepare(
    'SELECT * FROM sends WHERE chain = ? AND sender = ? AND nonce = ? ORDER BY made_at, rowid',
  );
  const allOpen = db.prepare(`SELECT * FROM sends WHERE state IN ${open} ORDER BY rowid LIMIT 1000`);
  const countAlive = db.prepare(`SELECT count(*) AS n FROM sends WHERE state IN ('written', 'waiting', 'included')`);
  const lastNonce = db.prepare(
    `SELECT max(nonce) AS nonce FROM sends WHERE chain = ? AND sender = ? AND state IN ${alive}`,
  );
  const toSomebody = db.prepare(
    'SELECT 1 FROM sends WHERE chain = ? AND (lower(recipient) = ? OR instr(lower(data), ?) > 0) LIMIT 1',
  );
  const page = db.prepare('SELECT * FROM sends WHERE (at, hash) < (?, ?) ORDER BY at DESC, hash DESC LIMIT ?');
  const update = db.prepare(
    'UPDATE sends SET state = ?, sent_at = ?, receipt = ?, fee = ?, refusal = ?, at = ? WHERE hash = ?',
  );

  const read = (row: Record<string, unknown>): Sent => ({
    hash: row.hash as Hash32,
    chain: row.chain as ChainRef,
    key: row.key as string,
    kind: row.kind as Sent['kind'],
    sender: row.sender as EvmAddress,
    nonce: row.nonce as number,
    recipient: row.recipient as EvmAddress | null,
    data: row.data as `0x${string}`,
    value: BigInt(row.value as string),
    gas: BigInt(row.gas as string),
    maxFee: BigInt(row.max_fee as string),
    tip: row.tip === null ? null : BigInt(row.tip as string),
    raw: row.raw as Uint8Array,
    about: row.about as string,
    details: row.details === null ? null : (JSON.parse(row.details as string) as SendDetails),
    state: row.state as SendState,
    madeAt: row.made_at as number,
    sentAt: row.sent_at as number | null,
    receipt: row.receipt === null ? null : readReceipt(row.receipt as string),
    fee: row.fee === null ? null : BigInt(row.fee as string),
    refusal: row.refusal as string | null,
  });
  const one = (row: unknown): Sent | null => (row === undefined ? null : read(row as Record<string, unknown>));

  return {
    add(sent: Omit<Sent, 'state' | 'sentAt' | 'receipt' | 'fee' | 'refusal'>): void {
      const { hash, chain, key, kind, sender, nonce, recipient, data, value, gas, maxFee, tip, raw, about } = sent;
      const [details, paid] = [sent.details && JSON.stringify(sent.details), tip === null ? null : String(tip)];
      const amounts = [String(value), String(gas), String(maxFee), paid] as const;
      insert.run(
        ...[hash, chain, key, kind, sender, nonce, recipient, data],
        ...amounts,
        ...[raw, about, details, sent.madeAt, sent.madeAt],
      );
    },
    byHash: (hash: string): Sent | null => one(byHash.get(hash)),
    byKey: (key: string): Sent | null => one(byKey.get(key)),
    /** All that were signed with one nonce of an account: at most one of them happens. */
    siblings: ({ chain, sender, nonce }: Pick<Sent, 'chain' | 'sender' | 'nonce'>): Sent[] =>
      inPlace.all(chain, sender, nonce).map(read),
    /** Of which something may still change. */
    open: (): Sent[] => allOpen.all().map(read),
    /** Something was sent to an address, or was to be: a token names it among its data. */
    sentTo: (chain: ChainRef, address: string): boolean => {
      const low = address.toLowerCase();
      return toSomebody.get(chain, low, low.slice(2)) !== undefined;
    },
    countAlive: (): number => (countAlive.get() as { n: number }).n,
    /** The highest nonce that may still be used, or was; null for none. */
    lastNonce: (chain: ChainRef, sender: EvmAddress): number | null =>
      (lastNonce.get(chain, sender) as { nonce: number | null }).nonce,
    /** Newest first, those before a moment and, of that moment, before a hash. */
    before: (at: number, hash: string, limit: number): Sent[] => page.all(at, hash, limit).map(read),
    update(hash: Hash32, change: Partial<Pick<Sent, 'state' | 'sentAt' | 'receipt' | 'fee' | 'refusal'>>): Sent {
      const before = one(byHash.get(hash));
      if (before === null) throw new Error(`no transaction ${hash}`);
      const after: Sent = { ...before, ...change };
      const { state, sentAt, receipt, fee, refusal } = after;
      const kept = receipt && JSON.stringify({ ...receipt, block: String(receipt.block) });
      update.run(state, sentAt, kept, fee === null ? null : String(fee), refusal, timeOf(after), hash);
      return after;
    },
  };
}

/** Milliseconds since 1970: by its chain's clock once it is in a block. */
export const timeOf = ({ receipt, madeAt }: Pick<Sent, 'receipt' | 'madeAt'>): number =>
  receipt === null ? madeAt : receipt.at * 1_000;

function readReceipt(text: string): NonNullable<Sent['receipt']> {
  const kept = JSON.parse(text) as Omit<NonNullable<Sent['receipt']>, 'block'> & { block: string };
  return { ...kept, block: BigInt(kept.block) };
}
