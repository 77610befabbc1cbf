import type { Handlers } from '#core/broker/handlers.ts';
import { toHex } from '#core/crypto/encoding.ts';
import type { AddressInput, vaultContract } from '#shared/contract/vault.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Core, Session } from '../core.ts';
import { createKept } from '../recovery/kept.ts';
import { encodeKit, fingerprintOf, type Kit, type KitBody } from '../recovery/kit-format.ts';
import { linesOf } from '../recovery/kit-lines.ts';
import { kitOf, placesHere, secretsOf, stateOfPlaces } from '../recovery/kit-of.ts';
import { kitText, placeWords, secretsIn, settingsOf } from '../recovery/kit-words.ts';
import { lookAt, plannedOf, readKit, toldMissing, unsealKit, withRoot } from '../recovery/read-kit.ts';
import { rehearsalDirectory, rehearse } from '../recovery/rehearse.ts';
import { clearLook } from '../store/look-into.ts';
import type { Versions } from '../versions/versions.ts';
import type { Setup } from './setup.ts';

type Vault = Handlers<typeof vaultContract>;
type Part = Pick<Vault, 'vault.recovery' | 'vault.kit' | 'vault.readKit' | 'vault.recover' | 'vault.rehearse'>;

/** The recovery kit, the way in with it, and its rehearsal. */
export function createRecovery(core: Core, versions: Versions, setup: Setup, status: Vault['vault.status']) {
  const { deps } = core;
  const kept = createKept(deps);
  let rehearsing = false;

  const about = (): Pick<KitBody, 'person' | 'settings'> => {
    const { person = '', ...settings } = deps.preferences?.read() ?? {};
    return { person, settings: { ...settings, snapshots: versions.policy() } };
  };
  const idOf = ({ vault }: Pick<Session, 'vault'>): string => toHex(vault.id);

  const handlers: Part = {
    async 'vault.recovery'() {
      const { vault, catalogue } = core.opened();
      const { kit, rehearsal } = await kept.read(idOf({ vault }));
      return {
        kit: kit && {
          ...{ madeAt: kit.madeAt, fingerprint: kit.fingerprint },
          stale: kit.places !== stateOfPlaces(catalogue.places()),
        },
        rehearsal,
      };
    },

    async 'vault.kit'() {
      const session = await core.session();
      const { catalogue } = session;
      const kit = kitOf(deps, session, about());
      const { body } = kit;
      const [fingerprint, lines] = [fingerprintOf(kit), linesOf(encodeKit(kit))];
      const secrets = secretsOf(session);
      const here = await placesHere(deps.home, catalogue.places());
      const places = stateOfPlaces(catalogue.places());
      // A full disk keeps nobody from a kit: only the reminder goes without it.
      await kept
        .change(idOf(session), { kit: { madeAt: body.madeAt, fingerprint, places } })
        .catch((error: unknown) => {
          deps.log.warn({ error: String(error) }, 'that a kit was made is not remembered');
        });
      core.changed([], false);
      return {
        text: kitText({ body, fingerprint, lines, secrets, here }),
        ...{ lines, fingerprint, madeAt: body.madeAt, person: body.person, needed: body.k },
        places: body.places.map((place) => {
          const secret = secrets.get(place.id);
          const names = secret ? secretsIn(secret) : [];
          const opens = secret ? (names.length > 0 ? ('kit' as const) : ('nothing' as const)) : ('unknown' as const);
          return { id: place.id as never, ...placeWords(place), opens, secrets: names, here: here.has(place.id) };
        }),
        elsewhere: body.places.filter(({ id }) => !here.has(id)).length,
        settings: settingsOf(body),
      };
    },

    'vault.readKit': ({ kit: text }) => {
      const kit = readKit(text);
      const { madeAt, person, k, places } = kit.body;
      return {
        ...{ fingerprint: fingerprintOf(kit), madeAt, person, needed: k },
        places: places.map(placeWords),
        settings: settingsOf(kit.body),
      };
    },

    async 'vault.recover'(input, context) {
      const kit = readKit(input.kit);
      const { body } = kit;
      const opened = unsealKit(core.root(), kit);
      context.step('look', 'Looking at the places');
      const seen = await lookAt(deps, body.vault, plannedOf(kit, opened));
      const there = seen.filter(({ why }) => why === null).map(({ place }) => place);
      const missing = seen.filter(({ why }) => why !== null).map(toldMissing);
      if (there.length < body.k) throw tooFew(there.length, body.k, missing);
      context.step('list', 'Reading the list of files from the places');
      await setup(
        {
          profile: { k: body.k, m: body.m },
          places: there.map(({ name, address }) => ({ name, ...(address as AddressInput) })),
          credentials: there.map(({ secret }) => secret ?? {}),
          ...(input.othersLost === undefined ? {} : { othersLost: input.othersLost }),
        },
        context,
        opened.state,
      );
      context.step('settings', 'Bringing settings back');
      const { snapshots, ...settings } = body.settings;
      if (snapshots) versions.configure(snapshots);
      await deps.preferences?.write(settings);
      return { status: await status({}, context), missing, settings: settingsOf(body) };
    },

    async 'vault.rehearse'(input, context) {
      if (rehearsing) {
        throw fail('BUSY', 'Recovery is being rehearsed already.', { next: 'Wait until that rehearsal has ended.' });
      }
      rehearsing = true;
      try {
        return await rehearseNow(input, context);
      } finally {
        rehearsing = false;
      }
    },
  };

  /** The root that the words lead to, or that of the session; a copy. */
  const rootFor = async ({ words, shares }: Parameters<Part['vault.rehearse']>[0]) => {
    if (words !== undefined && deps.rootOf) return { root: await deps.rootOf({ words }), keys: 'words' } as const;
    if (shares !== undefined && deps.rootOf) return { root: await deps.rootOf({ shares }), keys: 'shares' } as const;
    return { root: core.root().slice(), keys: 'session' } as const;
  };

  const rehearseNow: Part['vault.rehearse'] = async (input, context) => {
    const live = await core.session();
    const startedAt = deps.host.now();
    const given: Kit | null = input.kit === undefined ? null : readKit(input.kit);
    if (given && given.body.vault !== idOf(live)) {
      throw fail('KIT_OF_ANOTHER', 'This recovery kit is of another vault than the one that is open here.', {
        meaning: 'Nothing was changed.',
        next: 'Use the kit of this vault, or make a new one.',
      });
    }
    const kit = given ?? kitOf(deps, live, about());
    const { root, keys } = await rootFor(input);
    return withRoot(root, async (mine) => {
      const opened = unsealKit(mine, kit);
      const outcome = await rehearse({
        ...{ deps, live, keys: opened.keys, state: opened.state, files: input.files, signal: context.signal },
        places: plannedOf(kit, opened),
        here: await placesHere(deps.home, live.catalogue.places()),
        step: context.step,
        progress: (done) => context.progress(done),
      });
      const rehearsal = {
        at: startedAt,
        tookMs: Math.max(0, deps.host.now() - startedAt),
        ...{ keys, kit: given ? ('given' as const) : ('current' as const) },
        ...outcome,
        lacking: lackingOf(outcome, keys, given !== null),
      };
      await kept.change(idOf(live), { rehearsal });
      core.changed([], false);
      return rehearsal;
    });
  };

  return { handlers, start: () => clearLook(deps, rehearsalDirectory) };
}

/** What a real recovery would need besides, or would not bring back. */
function lackingOf(
  outcome: { readonly computerLost: boolean; readonly behind: boolean },
  keys: 'words' | 'shares' | 'session',
  kitGiven: boolean,
): string[] {
  return [
    ...(outcome.computerLost ? [] : ['Places that lie on this computer were needed: if it is lost, too few are left.']),
    ...(keys === 'session'
      ? ['That you have your words was not proved: the keys that are unlocked here were used.']
      : []),
    ...(kitGiven ? [] : ['That you have a kit was not proved: one as it would be made now was used.']),
    ...(outcome.behind ? ['Changes of the last moments are not on the places yet.'] : []),
    'Contacts, machines and mesh settings are not in the vault, and would not come back with it.',
  ];
}

function tooFew(there: number, needed: number, missing: readonly { name: string; where: string; why: string }[]) {
  const list = missing.map(({ name, where, why }) => `${name} (${where}): ${why}`).join(' ');
  return fail(
    'NOT_ENOUGH_PLACES',
    `Only ${there} of the places of this kit are there, and ${needed} are needed. ${list}`,
    {
      meaning: 'No vault was set up, and nothing was changed.',
      next: 'Connect more of the places, then try again. One that has moved can be named with its new address when you set the vault up.',
      data: { given: there, needed },
    },
  );
}
