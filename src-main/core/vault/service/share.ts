import { isAbsolute, resolve } from 'node:path';
import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import type { vaultShareContract } from '#shared/contract/vault/share.ts';
import type { GivenShare, ShareArrival, TakenShare } from '#shared/contract/vault.ts';
import type { ContactId } from '#shared/model/ids.ts';
import type { Core } from '../core.ts';
import { cancelled, notAFile } from '../failures.ts';
import { failures } from '../sharing/failures.ts';
import type { Arrival, Given, Taken } from '../sharing/records.ts';
import { saveToDirectory, saveToVault } from '../sharing/saving.ts';
import { sendBack } from '../sharing/sending.ts';
import type { Sharing } from '../sharing/sharing.ts';
import { rootOf } from '../sharing/subtree.ts';
import { folderOf, nodeOf, pathOf } from './describe.ts';
import { badTarget, checkTarget, tryToWrite } from './export-target.ts';
import type { UnfinishedExports } from './unfinished-exports.ts';

type Methods = typeof vaultShareContract;

export function shareHandlers(core: Core, sharing: Sharing, unfinished: UnfinishedExports): Handlers<Methods> {
  const { host } = core.deps;
  const given = (share: Given): GivenShare => {
    const { people } = sharing.parts();
    const { id, item, kind, name, contact, access, expires, createdAt, usedAt, endedAt, room, told } = share;
    const about = people.about(contact);
    const session = core.current();
    const root = session && endedAt === null ? rootOf(session, share) : null;
    const over = expires !== null && expires <= host.now();
    return {
      ...{ id, item, kind, access, expires, createdAt, usedAt, endedAt, room },
      name: root?.name ?? name,
      path: session && root ? `/${pathOf(session, root)}` : null,
      contact: contact as ContactId,
      ...{ who: about.name, verified: about.verified },
      state:
        endedAt !== null
          ? over
            ? 'expired'
            : 'ended'
          : over
            ? 'expired'
            : about.state !== 'known'
              ? 'blocked'
              : told
                ? 'open'
                : 'waiting',
    };
  };
  const taken = (share: Taken): TakenShare => {
    const { people } = sharing.parts();
    const { id, kind, name, contact, access, expires, arrivedAt, seenAt, endedAt } = share;
    const about = people.about(contact);
    const over = expires !== null && expires <= host.now();
    return {
      ...{ id, kind, name, access, expires, arrivedAt, seenAt, endedAt },
      contact: contact as ContactId,
      ...{ who: about.name, verified: about.verified },
      state: over ? 'expired' : endedAt !== null ? 'ended' : about.state === 'known' ? 'open' : 'blocked',
    };
  };
  const arrival = ({ share, item, name, size, contact, how, at }: Arrival): ShareArrival => ({
    ...{ share, item, name, size, how, at },
    who: sharing.parts().people.about(contact).name,
  });
  /** As it is at each question: a letter may bring other terms while long work goes on. */
  const freshOf = (id: string) => () => sharing.parts().taking.the(id);

  return {
    async 'vault.share'(input, context) {
      const { item, contact, access, expires = null, unverified, room } = input;
      core.root();
      const share = await sharing.parts().giving.share({ item, contact, access, expires, unverified, room });
      context.undo('vault.revoke', { share: share.id });
      return { share: given(share) };
    },
    'vault.shares'({ ended }) {
      const { store } = sharing.parts();
      const shares = store.given().filter(({ endedAt }) => ended || endedAt === null);
      return {
        shares: shares.map(given).sort((a, b) => b.createdAt - a.createdAt),
        arrivals: store.arrivals().map(arrival).reverse(),
      };
    },
    'vault.changeShare'({ share: id, access, expires }, context) {
      const { giving } = sharing.parts();
      const before = giving.the(id);
      const share = giving.change(id, {
        ...(access === undefined ? {} : { access }),
        ...(expires === undefined ? {} : { expires }),
      });
      context.undo('vault.changeShare', { share: id, access: before.access, expires: before.expires });
      return { share: given(share) };
    },
    async 'vault.revoke'({ share }) {
      return { share: given(await sharing.parts().giving.revoke(share)) };
    },
    'vault.sharedWithMe': () => ({
      shares: sharing
        .parts()
        .taking.list()
        .map(taken)
        .sort((a, b) => b.arrivedAt - a.arrivedAt),
    }),
    async 'vault.lookShared'({ share, item, after }, context) {
      const { fetching } = sharing.parts();
      const page = await fetching.look(freshOf(share), item ?? null, after ?? null, context.signal);
      const { entries, total, more } = page;
      return {
        share: taken(freshOf(share)()),
        item: page.item,
        path: [...page.path],
        ...{ items: [...entries], total, more },
      };
    },
    async *'vault.readShared'({ share, item, offset, length }, context) {
      const { fetching } = sharing.parts();
      const { item: found } = await fetching.look(freshOf(share), item ?? null, null, context.signal);
      if (found.kind !== 'file') throw notAFile(found.name);
      const most = Math.max(0, found.size - offset);
      yield* fetching.read(freshOf(share), found.id, offset, Math.min(length ?? most, most), context.signal);
    },
    async 'vault.saveShared'({ share, into, items }, context) {
      const session = await core.session();
      const parent = folderOf(session, into);
      const { fetching, taking } = sharing.parts();
      taking.the(share);
      context.step('fetchShared', 'Fetching from their device', { total: null, unit: 'bytes', pausable: true });
      try {
        const saved = await saveToVault(core, session, fetching, freshOf(share), items, parent, context);
        if (saved.items.length > 0) context.undo('vault.bin', { items: saved.items });
        return saved;
      } catch (error) {
        throw whyNot(error, session.signal, context.signal);
      }
    },
    async 'vault.exportShared'({ share, to: wanted, items }, context) {
      const { fetching, taking } = sharing.parts();
      taking.the(share);
      if (!isAbsolute(wanted)) throw badTarget(wanted, 'it is not a full path');
      const to = await checkTarget(core, resolve(wanted));
      await unfinished.sweep();
      const mark = unfinished.begin(to);
      try {
        await tryToWrite(to, mark.temporary());
        context.step('fetchShared', 'Fetching from their device', { total: null, unit: 'bytes', pausable: true });
        return await saveToDirectory(fetching, freshOf(share), items, to, mark.temporary, context);
      } finally {
        mark.end();
      }
    },
    async 'vault.sendShared'({ share, item, replaces, into }, context) {
      const session = await core.session();
      const node = nodeOf(session, item);
      if (node.kind !== 'file') throw notAFile(node.name);
      const { remote, fetching, taking } = sharing.parts();
      taking.the(share);
      context.step('sendShared', 'Sending to their device', { total: node.size, unit: 'bytes', pausable: true });
      try {
        const { item: root } = await fetching.look(freshOf(share), null, null, context.signal);
        const version = replaces ?? (root.kind === 'file' ? root.id : null);
        const to = { replaces: version, into: into ?? null };
        return await sendBack(core, session, remote, freshOf(share), node, to, context);
      } catch (error) {
        throw whyNot(error, session.signal, context.signal);
      }
    },
    'vault.leaveShare'({ share }) {
      sharing.parts().taking.leave(share);
      return {};
    },
  };
}

function whyNot(error: unknown, session: AbortSignal, asked: AbortSignal): unknown {
  if (session.aborted) return session.reason;
  return asked.aborted ? cancelled() : error;
}

/** What is wrong with a call, so that nobody is asked to allow what cannot be. */
export function shareChecks(core: Core, sharing: Sharing): Checks<Methods> {
  const theirs = ({ share }: { share: string }) => void sharing.parts().taking.the(share);
  const our = ({ share }: { share: string }) => void sharing.parts().giving.the(share);
  return {
    async 'vault.share'({ item, contact, unverified }) {
      nodeOf(await core.session(), item);
      const { people } = sharing.parts();
      const id = people.find(contact);
      const { name, verified } = people.about(id);
      if (!verified && !unverified) throw failures.unverified(name ?? contact);
      if (people.keys(id) === null) throw failures.waiting(name ?? contact);
    },
    'vault.changeShare': our,
    'vault.revoke': our,
    'vault.saveShared': theirs,
    'vault.exportShared': theirs,
    'vault.sendShared': theirs,
    'vault.leaveShare': theirs,
  };
}

/** Shares by what they are and whose, as far as that is known. */
export function shareNaming(core: Core, sharing: Sharing): Naming<Methods> {
  const path = (ref: string): string => {
    const session = core.current();
    const node = session?.tree.find(ref);
    return session && node ? `/${pathOf(session, node)}` : ref;
  };
  const who = (contact: string): string => sharing.parts().people.about(contact).name ?? 'a contact that is gone';
  const our = ({ share: id }: { share: string }) => {
    const share = sharing
      .parts()
      .store.given()
      .find((one) => one.id === id);
    return { share: share && `of “${share.name}” with ${who(share.contact)}` };
  };
  const theirs = ({ share: id }: { share: string }) => {
    const share = sharing
      .parts()
      .store.taken()
      .find((one) => one.id === id);
    return { share: share && `“${share.name}” of ${who(share.contact)}` };
  };
  return {
    'vault.share'({ item, contact }) {
      const { people } = sharing.parts();
      const { name, verified } = people.about(people.find(contact));
      return { item: path(item), contact: name === null ? undefined : `${name}${verified ? '' : ' (not verified)'}` };
    },
    'vault.changeShare': our,
    'vault.revoke': our,
    'vault.saveShared': (input) => ({ ...theirs(input), into: path(input.into) }),
    'vault.exportShared': theirs,
    'vault.sendShared': (input) => ({ ...theirs(input), item: path(input.item) }),
    'vault.leaveShare': theirs,
  };
}
