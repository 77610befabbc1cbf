import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { xwingKeys } from '#core/crypto/kem.ts';
import { ed25519PublicKey, ed25519Sign, ed25519Verify } from '#core/crypto/sign.ts';
import { seededRandom } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { deviceIdSchema } from '#shared/model/ids.ts';
import { accept, announce, encodeAcceptance } from './format/statements.ts';
import { createMembership } from './membership.ts';
import type { KnownDevice } from './ports.ts';
import { recordKey } from './records.ts';
import { openDevicesStore } from './store.ts';

const id = (n: number) => deviceIdSchema.parse(Buffer.from(new Uint8Array(16).fill(n)).toString('base64url'));
const seed = (n: number) => new Uint8Array(32).fill(n);
const sign = (n: number) => (bytes: Uint8Array) => ed25519Sign(seed(n), bytes);
const kem = (n: number) => xwingKeys(seed(n)).publicKey;

it('keeps acceptances over a lock, takes no more from one device than its share, and forgets what a revoked one said', async () => {
  const home = await mkdtemp(join(tmpdir(), 'hypha-membership-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const revoked = new Set<string>();
  const all = Array.from({ length: 4 }, (_, i) => i + 1);
  const people = {
    list: (): KnownDevice[] =>
      all.map((n) => ({
        ...{ id: id(n), name: null, mesh: `${n}`, addedAt: 0 },
        ...{ revokedAt: revoked.has(id(n)) ? 1 : null, current: n === 1 },
      })),
    hasKeys: () => true,
    sign: sign(1),
    verify(device: string, bytes: Uint8Array, signature: Uint8Array) {
      const n = all.find((one) => id(one) === device);
      return n !== undefined && ed25519Verify(ed25519PublicKey(seed(n)), bytes, signature);
    },
    digest: () => new Uint8Array(32),
    log: () => new Uint8Array(0),
    merge: async () => false,
    onChange: () => () => {},
  };
  const store = openDevicesStore(home, silentLog, seededRandom(1));
  onTestFinished(() => store.close());
  const key = recordKey(seed(9));
  store.unlock(key);
  store.putSelf({ v: 1, device: id(1), vault: '0'.repeat(32), on: true, seed: seed(1), at: 1 });
  const membership = createMembership(people, store, silentLog);
  membership.refresh();
  const announced = (n: number, at = 1) => {
    const one = announce(id(n), kem(n), at, sign(n));
    if (one === null) throw new Error('unsigned');
    return one;
  };
  const told = (by: number, device: number, kemOf = device, signer = by) => {
    const one = accept(id(by), { device: id(device), kem: kem(kemOf) }, 1, sign(signer));
    if (one === null) throw new Error('unsigned');
    return encodeAcceptance(one);
  };
  expect(membership.accept(announced(2), 1)).toBe(true);
  // Not signed by who it names: nothing.
  expect(membership.hear([told(2, 3, 3, 4), new Uint8Array([1, 2, 3])])).toBe(false);
  expect(membership.members()).toEqual([id(2)]);
  expect(membership.hear([told(2, 3)])).toBe(true);
  expect([...membership.members()].sort()).toEqual([id(2), id(3)].sort());
  // A device that means no good says more than anybody needs to.
  membership.hear(Array.from({ length: 100 }, (_, i) => told(3, 4, i + 10)));
  expect(membership.acceptances().length).toBe(2 + 64);
  expect(membership.accept(announced(4), 1)).toBe(true);

  store.unlock(null);
  membership.refresh();
  expect(membership.members()).toEqual([]);
  store.unlock(key);
  membership.refresh();
  expect([...membership.members()].sort()).toEqual([id(2), id(3), id(4)].sort());

  revoked.add(id(3));
  membership.refresh();
  expect([...membership.members()].sort()).toEqual([id(2), id(4)].sort());
  // Accepted here, and through nobody who is out: it stays, by that key alone.
  expect(membership.trusts(announced(4))).toBe(true);
  expect(membership.acceptances().length).toBe(2);
  expect(membership.hear([told(3, 2)])).toBe(false);
}, 30_000);
