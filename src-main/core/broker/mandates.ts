import type { ZodType } from 'zod';
import type { Mandate } from '#shared/contract/activity.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';
import { type AnyMethod, type Contract, type Face, inputShape } from '#shared/rpc/contract.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Emit, Host } from '../host.ts';
import type { Database } from '../store/database.ts';
import { neverMandatable } from './policy.ts';

const maxLifetimeMs = 366 * 86_400_000;
/** Characters of a target's JSON: what a person can read, and so few that the list of all fits one message. */
const maxTarget = 2000;

export const mandatesMigration = `
  CREATE TABLE mandates (
    id TEXT PRIMARY KEY,
    method TEXT NOT NULL,
    face TEXT NOT NULL,
    body TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
  ) STRICT;
`;

type Wanted = Pick<Mandate, 'method' | 'face' | 'target' | 'maxUses' | 'capPerUse' | 'capTotal' | 'expiresAt'>;

export type Mandates = ReturnType<typeof createMandates>;

/**
 * Standing approvals: one method, one face, a fixed target, caps and an expiry. A use is counted durably before the
 * call is executed, so that a crash can waste a use but never gain one.
 */
export function createMandates({
  store,
  host,
  emit,
  contract,
}: {
  store: Database;
  host: Host;
  emit: Emit;
  contract: Contract;
}) {
  const all = store.db.prepare('SELECT body FROM mandates ORDER BY rowid DESC LIMIT 1000');
  const candidates = store.db.prepare(
    'SELECT body FROM mandates WHERE method = ? AND face = ? AND revoked_at IS NULL AND expires_at > ?',
  );
  const standing = store.db.prepare('SELECT body FROM mandates WHERE revoked_at IS NULL AND expires_at > ?');
  const byId = store.db.prepare('SELECT body FROM mandates WHERE id = ?');
  const insert = store.db.prepare('INSERT INTO mandates (id, method, face, body, expires_at) VALUES (?, ?, ?, ?, ?)');
  const update = store.db.prepare('UPDATE mandates SET body = ?, revoked_at = ? WHERE id = ?');

  const read = (row: unknown): Mandate => JSON.parse((row as { body: string }).body) as Mandate;
  const save = (m: Mandate): void => {
    update.run(JSON.stringify(m), m.revokedAt, m.id);
    emit({ topic: 'activity', ids: [m.id] });
  };

  /** @throws Fail NOT_FOUND */
  function get(id: string): Mandate {
    const row = byId.get(id);
    if (row === undefined) throw fail('NOT_FOUND', 'There is no such standing approval.');
    return read(row);
  }

  // What was revoked or used since the copy was made is not in it: none that holds there can be trusted to hold still.
  let notice: { code: 'MANDATES_REVOKED'; text: string } | null = null;
  if (store.notice !== null) {
    const open = store.transaction(() => {
      const rows = standing.all(host.now()).map(read);
      for (const mandate of rows) save({ ...mandate, revokedAt: host.now() });
      return rows.length;
    });
    if (open > 0) {
      notice = {
        code: 'MANDATES_REVOKED',
        text: 'Standing approvals were withdrawn, because the restored copy may be older than your last change to them. Make those you still want again, in Activity.',
      };
    }
  }

  /**
   * Whether one could be made of this: told before a person is asked for it.
   *
   * @throws Fail NOT_MANDATABLE, BAD_MANDATE
   */
  function check(input: Wanted): void {
    const spec = Object.hasOwn(contract, input.method) ? contract[input.method] : undefined;
    if (spec === undefined) throw fail('BAD_MANDATE', `There is no method ${input.method}.`);
    refuseUnmandatable(input.method, input.face, spec);
    const shape = inputShape(spec);
    const named = [...Object.keys(input.target), ...Object.keys(input.capPerUse), ...Object.keys(input.capTotal)];
    const unknown = named.find((key) => !Object.hasOwn(shape, key));
    if (unknown !== undefined) throw fail('BAD_MANDATE', `${input.method} has no input named ${unknown}.`);
    if (Object.keys(input.target).length === 0) {
      throw fail('BAD_MANDATE', 'A standing approval needs a fixed target.', {
        next: 'Say for which thing or person it holds.',
      });
    }
    const loose = Object.entries(input.target).find(([, value]) => !isFixed(value));
    if (loose !== undefined) {
      throw fail('BAD_MANDATE', `${loose[0]} has no value that a call could be compared with.`, {
        next: 'Give it a text, a number, yes or no, or a list or set of these.',
      });
    }
    if (JSON.stringify(input.target).length > maxTarget) {
      throw fail('BAD_MANDATE', 'The target is longer than a person could read.', {
        next: 'Name fewer or shorter things.',
      });
    }
    const secret = named.find((key) => spec.secret?.includes(key));
    if (secret !== undefined) throw fail('BAD_MANDATE', `${secret} is secret: it is not kept in a standing approval.`);
    const left = Object.keys(shape).find((key) => !named.includes(key) && usualValue(spec, key) === null);
    if (left !== undefined) {
      throw fail('BAD_MANDATE', `No call could use it: each names its ${left}, and this leaves ${left} open.`, {
        next: `Fix ${left} to a value, or cap it if it is a number.`,
      });
    }
    const wrong = wrongType(shape, input);
    if (wrong !== null) throw fail('BAD_MANDATE', `No call could use it: ${wrong}.`);
    const now = host.now();
    if (input.expiresAt <= now || input.expiresAt > now + maxLifetimeMs) {
      throw fail('BAD_MANDATE', 'A standing approval must end within a year.', { next: 'Choose an earlier end.' });
    }
  }

  return {
    /** Set when those of a database that came back from its copy were withdrawn. */
    notice,

    list: (): Mandate[] => all.all().map(read),

    check,

    /** @throws Fail NOT_MANDATABLE, BAD_MANDATE */
    create(input: Wanted): Mandate {
      check(input);
      const now = host.now();
      const mandate: Mandate = {
        ...input,
        id: Buffer.from(host.random(16)).toString('base64url'),
        uses: 0,
        spent: {},
        createdAt: now,
        revokedAt: null,
      };
      insert.run(mandate.id, mandate.method, mandate.face, JSON.stringify(mandate), mandate.expiresAt);
      emit({ topic: 'activity', ids: [mandate.id] });
      return mandate;
    },

    get,

    revoke(id: string): void {
      const mandate = get(id);
      if (mandate.revokedAt === null) save({ ...mandate, revokedAt: host.now() });
    },

    /** Count one use of a mandate that covers this call; null when none does. */
    use(face: Face, method: string, input: unknown): string | null {
      if (typeof input !== 'object' || input === null) return null;
      const values = input as Record<string, unknown>;
      const spec = Object.hasOwn(contract, method) ? contract[method] : undefined;
      if (spec === undefined) return null;
      return store.transaction(() => {
        for (const row of candidates.all(method, face, host.now())) {
          const mandate = read(row);
          const spent = covers(mandate, values, spec);
          if (spent === null) continue;
          save({ ...mandate, uses: mandate.uses + 1, spent });
          return mandate.id;
        }
        return null;
      });
    },
  };
}

function refuseUnmandatable(method: string, face: Face, spec: AnyMethod): void {
  const why = neverMandatable.some((e) => e === spec.effect)
    ? 'what deletes or changes policy is always asked'
    : spec.effect === 'read'
      ? 'reading needs no approval'
      : (spec.withheld?.[face] ??
        (face === 'ui' || face === 'shell' || face === 'peer' || face === 'site' ? `${face} cannot hold one` : null));
  if (why !== null) throw fail('NOT_MANDATABLE', `No standing approval is possible for ${method}: ${why}.`);
}

/** A value that the input can never have, or a cap on what is no number; null when there is none. */
function wrongType(shape: Readonly<Record<string, ZodType>>, { target, capPerUse, capTotal }: Wanted): string | null {
  for (const [key, value] of Object.entries(target)) {
    const read = shape[key]?.safeParse(value);
    if (read?.success === false) return `${key} cannot be that (${read.error.issues[0]?.message ?? 'wrong type'})`;
  }
  for (const key of [...Object.keys(capPerUse), ...Object.keys(capTotal)]) {
    // Asked with a plain number, whatever the cap: a cap may lie beyond what the input allows.
    const issue = shape[key]?.safeParse(1).error?.issues[0];
    if (issue && !['too_small', 'too_big', 'not_multiple_of'].includes(issue.code)) return `${key} is no number`;
  }
  return null;
}

/** Nothing (null) would also fit a call that leaves the input out: that fixes no target. */
function isFixed(value: unknown): boolean {
  return value !== null && value !== undefined && same(value, value);
}

/** Equal as JSON; what JSON cannot hold equals nothing. */
function same(a: unknown, b: unknown): boolean {
  try {
    return canonicalJson(a ?? null) === canonicalJson(b ?? null);
  } catch {
    return false;
  }
}

/** What an input is when a call leaves it out: its default, or nothing; null when it cannot be left out. */
function usualValue(spec: AnyMethod, key: string): { value: unknown } | null {
  const shape = inputShape(spec);
  const read = Object.hasOwn(shape, key) ? shape[key]?.safeParse(undefined) : undefined;
  return read?.success ? { value: read.data } : null;
}

/** Left out, or as if it were. An input that this contract does not know is neither. */
function isUsual(spec: AnyMethod, key: string, value: unknown): boolean {
  const usual = usualValue(spec, key);
  if (usual === null) return false;
  // Not by `same`: null is a value of its own, and may mean "take it away".
  return value === undefined || usual.value === undefined ? value === usual.value : same(value, usual.value);
}

/**
 * The amounts spent after this use, or null when the mandate does not cover it. Pure. What the mandate neither fixes
 * nor caps must be left out of the call or at its default: nobody agreed to any other value.
 *
 * @param input as the method's handler would get it, defaults applied
 */
export function covers(
  mandate: Mandate,
  input: Record<string, unknown>,
  spec: AnyMethod,
): Record<string, number> | null {
  if (mandate.uses >= mandate.maxUses) return null;
  for (const [key, value] of Object.entries(mandate.target)) {
    if (!same(input[key], value)) return null;
  }
  for (const [key, value] of Object.entries(input)) {
    const named = [mandate.target, mandate.capPerUse, mandate.capTotal].some((part) => Object.hasOwn(part, key));
    if (!named && !isUsual(spec, key, value)) return null;
  }
  const spent: Record<string, number> = { ...mandate.spent };
  for (const key of new Set([...Object.keys(mandate.capPerUse), ...Object.keys(mandate.capTotal)])) {
    const amount = input[key];
    // A capped amount that is absent, negative or not a number is not covered: a cap must never be passed by leaving it out.
    if (typeof amount !== 'number' || !Number.isFinite(amount) || amount < 0) return null;
    const perUse = mandate.capPerUse[key];
    if (perUse !== undefined && amount > perUse) return null;
    const after = (spent[key] ?? 0) + amount;
    const total = mandate.capTotal[key];
    if (total !== undefined && after > total) return null;
    spent[key] = after;
  }
  return spent;
}
