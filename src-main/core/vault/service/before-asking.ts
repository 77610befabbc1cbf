import type { Checks, Naming } from '#core/broker/handlers.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import type { Core } from '../core.ts';
import { notAFile } from '../failures.ts';
import type { SeenConfigs } from '../zstor/seen-configs.ts';
import { binnedNodesOf, folderOf, nodeOf, nodesOf, pathOf } from './describe.ts';
import { checkRemoval } from './place-checks.ts';

type Methods = typeof vaultContract;

/** What is wrong with a call on the vault, so that nobody is asked to allow what cannot be. */
export function vaultChecks(core: Core, zstor: SeenConfigs): Checks<Methods> {
  const binned = async ({ items }: { items?: readonly string[] | undefined }): Promise<void> => {
    const session = await core.session();
    if (items) binnedNodesOf(session, items);
  };
  return {
    'vault.put': async ({ into }) => void folderOf(await core.session(), into),
    'vault.makeFolder': async ({ parent }) => void folderOf(await core.session(), parent),
    'vault.rename': async ({ item }) => void nodeOf(await core.session(), item),
    'vault.move': async ({ items, into }) => {
      const session = await core.session();
      folderOf(session, into);
      nodesOf(session, items);
    },
    'vault.bin': async ({ items }) => void nodesOf(await core.session(), items),
    'vault.export': async ({ items }) => void nodesOf(await core.session(), items),
    'vault.exportAge': async ({ item }) => {
      const node = nodeOf(await core.session(), item);
      if (node.kind !== 'file') throw notAFile(node.name);
    },
    'vault.importZstor': async ({ into, config }) => {
      folderOf(await core.session(), into);
      await zstor.look(config);
    },
    'vault.exportZstor': async ({ items, config }) => {
      nodesOf(await core.session(), items);
      await zstor.look(config);
    },
    'vault.restore': binned,
    'vault.purge': binned,
    'vault.removePlace': ({ place }) => void checkRemoval(core.opened(), place),
  };
}

/**
 * Files and folders by where they lie, places by their names and where they are. As far as is known while locked: nothing of
 * the person's files.
 */
export function vaultNaming(core: Core, zstor: SeenConfigs): Naming<Methods> {
  const item = (ref: string): string => {
    const session = core.current();
    const node = session?.tree.find(ref);
    return session && node ? `/${pathOf(session, node)}` : ref;
  };
  const place = ({ place: id }: { place: string }) => {
    const row = core
      .opened()
      .catalogue.places()
      .find((p) => p.id === id);
    return { place: row && `“${row.name}” (${row.path})` };
  };
  const items = ({ items: refs }: { items: readonly string[] }) => ({ items: refs.map(item) });
  return {
    'vault.put': ({ into }) => ({ into: item(into) }),
    'vault.makeFolder': ({ parent }) => ({ parent: item(parent) }),
    'vault.rename': (input) => ({ item: item(input.item) }),
    'vault.move': (input) => ({ ...items(input), into: item(input.into) }),
    'vault.bin': items,
    'vault.export': items,
    'vault.exportAge': (input) => ({ item: item(input.item) }),
    'vault.importZstor': ({ into, config }) => ({ into: item(into), config: zstor.words(config) }),
    'vault.exportZstor': (input) => ({ ...items(input), config: zstor.words(input.config) }),
    'vault.restore': items,
    'vault.purge': (input) => ({ items: input.items?.map(item) }),
    'vault.removePlace': place,
    'vault.changePlace': place,
  };
}
