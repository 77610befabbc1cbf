import { resolve } from 'node:path';
import {
  type AddressInput,
  type PlaceAddress,
  type PlaceSecret,
  type PlaceTest,
  whereWords,
} from '#shared/contract/vault.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { Core } from '../core.ts';
import type { Spot } from '../places/open-backend.ts';
import { type Peek, peek } from '../places/peek.ts';
import { changedSpot } from './change-place.ts';
import { openingOf, wholeAddressOf } from './new-place.ts';
import { opens } from './place-checks.ts';

type Input = AddressInput & PlaceSecret & { readonly place?: string | undefined };

/** Looks at an address as adding it would, and says what it found. Nothing is written there. */
export async function testPlace(core: Core, input: Input): Promise<PlaceTest> {
  const begun = core.deps.host.now();
  let spot: Spot;
  try {
    spot = await spotOf(core, input);
  } catch (error) {
    if (!isFail(error, 'CONFIRM_FINGERPRINT')) throw error;
    const { message, next = '', data } = error;
    return {
      path: '',
      found: 'unconfirmed',
      text: message,
      next,
      tookMs: took(core, begun),
      free: null,
      fingerprint: typeof data?.fingerprint === 'string' ? data.fingerprint : null,
      madeAt: null,
    };
  }
  const asked = core.deps.host.now();
  const seen = await peek(core.deps, spot);
  const { free, identity } = seen;
  const { found, text, next } = verdict(core, spot.address, seen);
  const path = whereWords(spot.address);
  return {
    path,
    found,
    text,
    next,
    tookMs: took(core, asked),
    free,
    fingerprint: null,
    madeAt: identity?.createdAt ?? null,
  };
}

const took = (core: Core, since: number): number => Math.max(0, core.deps.host.now() - since);

async function spotOf(core: Core, input: Input): Promise<Spot> {
  if (input.place !== undefined) {
    const { catalogue, keys } = await core.session();
    const row = catalogue.places().find(({ id }) => id === input.place);
    if (!row) throw fail('NOT_FOUND', 'There is no such place.', { next: 'Look at the list of places.' });
    return changedSpot(core, row, keys, input);
  }
  const given = await wholeAddressOf(core.deps, input);
  const address: PlaceAddress = given.kind === 'directory' ? { kind: 'directory', path: resolve(given.path) } : given;
  return { address, secret: openingOf(() => core.root(), address, input) };
}

type Verdict = Pick<PlaceTest, 'found' | 'text' | 'next'>;

function verdict(core: Core, address: PlaceAddress, seen: Peek): Verdict {
  const path = whereWords(address);
  const reason = seen.reason ? ` ${seen.reason.text}` : '';
  const look =
    seen.reason?.next ?? 'See that the server and the network are there, and that account and password are right.';
  switch (seen.kind) {
    case 'silent':
      return { found: 'silent', text: `${path} does not answer.${reason}`, next: look };
    case 'unreadable':
    case 'not-a-directory':
      return { found: 'refused', text: `${path} does not let us in.${reason}`, next: look };
    case 'unmarked':
      return { found: 'occupied', text: `${path} holds other things.`, next: 'Choose an empty one.' };
    case 'bad-mark':
      return {
        found: 'damaged',
        text: `${path} bears the mark of a place, which is damaged or of a later release.`,
        next: 'Choose another one, or install the later release.',
      };
    case 'absent':
    case 'empty':
      if (seen.kind === 'empty' && !seen.writable) return readonly(path);
      return { found: 'usable', text: `${path} is free to be used.`, next: 'Add it.' };
    case 'place':
      return verdictOfMark(core, path, seen);
  }
}

const readonly = (path: string): Verdict => ({
  found: 'readonly',
  text: `${path} can be read, not written to.`,
  next: 'Give the account the right to write.',
});

function verdictOfMark(core: Core, path: string, { identity, writable }: Peek): Verdict {
  const vault = core.state() === 'none' ? null : Buffer.from(core.opened().vault.id).toString('hex');
  if (identity?.vault === vault && vault !== null) {
    if (!writable) return readonly(path);
    return { found: 'here', text: `${path} is a place of this vault.`, next: 'All is well.' };
  }
  if (identity && opens(core.root(), identity)) {
    return {
      found: 'yours',
      text: `${path} is a place of another vault of yours.`,
      next: 'To have that vault, set it up with its places.',
    };
  }
  return { found: 'others', text: `${path} is a place of somebody else’s vault.`, next: 'Choose another one.' };
}
