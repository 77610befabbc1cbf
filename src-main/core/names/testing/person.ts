import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hex } from 'viem';
import { vi } from 'vitest';
import type { CallContext } from '#core/broker/handlers.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import type { EvmAddress } from '#shared/model/evm.ts';
import { createNames, type NamePeople, type Names } from '../index.ts';
import { accountOf, type TestAccounts } from './accounts.ts';
import { chainsOf, type TestChain } from './chains.ts';

/** Somebody with names, for tests: an account, a database, and an identity whose signatures are a hash with a secret. */
export interface TestPerson {
  readonly id: string;
  readonly address: EvmAddress;
  accounts: TestAccounts;
  names: Names;
  readonly undone: unknown[];
  call<N extends keyof Names['handlers']>(
    name: N,
    input: Partial<Parameters<Names['handlers'][N]>[0]>,
  ): Promise<Awaited<ReturnType<Names['handlers'][N]>>>;
  /** As after an end at any moment: nothing of the running program is left but what was written. */
  restart(): Promise<void>;
  /** Let time pass until a name is taken, or its taking has come to nothing. */
  settle(): Promise<void>;
  end(): Promise<void>;
}

export const personId = (name: string): string => `hy1${name.padEnd(52, 'a')}`;
const signatureOf = (person: string, bytes: Uint8Array): Uint8Array =>
  sha256(Buffer.from(`secret of ${person}`), bytes);

export const peopleOf = (name: string, contacts: readonly string[]): NamePeople => ({
  self: () => ({ person: personId(name), sign: (bytes) => signatureOf(personId(name), bytes) }),
  me: () => personId(name),
  check(person, bytes, signature) {
    const contact = contacts.find((other) => personId(other) === person) ?? null;
    if (contact === null && person !== personId(name)) return null;
    return { holds: Buffer.from(signatureOf(person, bytes)).equals(signature), contact };
  },
  petnames: () => contacts,
  skeleton: (text) => text.toLowerCase().replaceAll('1', 'l').replaceAll('0', 'o'),
});

const inputs: Readonly<Record<string, unknown>> = { days: 365, person: true, mesh: true, wallet: true, services: [] };

export async function testPerson(
  name: string,
  key: number,
  tests: readonly TestChain[],
  contacts: readonly string[] = [],
): Promise<TestPerson> {
  const home = await mkdtemp(join(tmpdir(), 'hypha-names-'));
  const outbox = new Map<string, Hex>();
  const [first] = tests;
  if (first === undefined) throw new Error('no chain');
  const { host } = first;
  const undone: unknown[] = [];
  const open = async (accounts: TestAccounts): Promise<Names> => {
    const names = createNames({
      ...{ host, log: silentLog, emit() {}, home, chains: chainsOf(...tests), accounts },
      people: peopleOf(name, contacts),
      meshAddress: () => '4a2:b1::1',
    });
    await names.start();
    return names;
  };
  const accounts = await accountOf(tests, key, outbox);
  const person: TestPerson = {
    ...{ id: personId(name), address: accounts.address, accounts, undone, names: await open(accounts) },
    async call(method, input) {
      const handler = person.names.handlers[method] as (input: unknown, context: CallContext) => never;
      const context = { undo: (...what: unknown[]) => undone.push(what), signal: new AbortController().signal };
      return handler({ ...inputs, ...input }, context as never);
    },
    async restart() {
      await person.names.stop();
      person.accounts = await accountOf(tests, key, outbox);
      person.names = await open(person.accounts);
    },
    async settle() {
      await vi.waitFor(
        async () => {
          await first.pass(20);
          const { registrations } = await person.call('names.list', {});
          const open_ = registrations.filter(({ state }) => state !== 'done' && state !== 'failed');
          if (open_.length > 0) throw new Error(JSON.stringify(open_));
        },
        { timeout: 20_000, interval: 10 },
      );
    },
    async end() {
      await person.names.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
  return person;
}
