import { agentContract, type MethodName } from '#shared/contract/agent.ts';
import type { AnyMethod } from '#shared/rpc/contract.ts';

/** What choosing a command does. */
export type Command =
  /** The method needs no arguments and can be undone, or changes nothing: it is called. */
  | { readonly kind: 'run'; readonly method: MethodName }
  /** It needs no arguments and cannot be taken back: it is asked about first. */
  | { readonly kind: 'ask'; readonly method: MethodName }
  /** A page has a dialog or a form for it. */
  | { readonly kind: 'open'; readonly method: MethodName; readonly path: string };

/** Methods whose arguments a page asks for, with that page. It opens the dialog by `useWanted(method, …)`. */
export const dialogs: Readonly<Partial<Record<MethodName, string>>> = {
  'vault.makeFolder': '/vault',
  'vault.addPlace': '/vault/places',
  'vault.webdavOn': '/vault/disk',
  'vault.watch': '/vault/watched',
  'vault.lend': '/vault/rooms',
  'vault.importZstor': '/vault/places',
  'vault.exportZstor': '/vault/places',
  'vault.limitTraffic': '/settings/traffic',
  'vault.devicesOn': '/vault/devices',
  'vault.takeSnapshot': '/vault/snapshots',
  'machines.deploy': '/machines/new',
  'mesh.status': '/mesh',
  'mesh.join': '/mesh',
  'mesh.addPeer': '/mesh/peers',
  'mesh.routes': '/mesh/routes',
  'mesh.forward': '/mesh/services',
  'mesh.expose': '/mesh/services',
  'mesh.setSocks': '/mesh/services',
  'mesh.setNameServer': '/mesh/services',
  'mesh.diagnose': '/mesh/diagnose',
  'mesh.messages': '/mesh/messages',
  'mesh.send': '/mesh/messages',
  'mesh.topics': '/mesh/messages/rules',
  'mesh.setHttpApi': '/mesh/messages/rules',
  'mesh.configure': '/mesh/settings',
  'mesh.usePrivateNetwork': '/mesh/settings',
  'contacts.list': '/contacts',
  'contacts.add': '/contacts',
  'contacts.myCard': '/contacts',
  'pairing.offer': '/contacts',
  'activity.verify': '/activity',
  'activity.export': '/activity',
  'mandates.create': '/activity',
  'vault.kit': '/settings/recovery',
  'vault.rehearse': '/settings/recovery',
  'shares.make': '/settings/recovery',
  'identity.rename': '/settings/identity',
  'identity.changePassphrase': '/settings/identity',
  'identity.revealPhrase': '/settings/identity',
  'identity.setAutoLock': '/settings/identity',
  'identity.setSecondFactor': '/settings/identity',
  'identity.card': '/settings/identity',
  'identity.devices': '/settings/identity',
  'system.diagnostics': '/settings/diagnostics',
  'system.configure': '/settings/appearance',
  'machines.capability': '/settings/machines',
  'wallet.addAccount': '/wallet/accounts',
  'wallet.importKey': '/wallet/accounts',
  'wallet.watch': '/wallet/accounts',
  'ledger.status': '/wallet/ledger',
  'wallet.approvals': '/wallet/approvals',
  'ledger.open': '/wallet/ledger',
  'ledger.issue': '/wallet/ledger',
  'wallet.send': '/wallet',
  'wallet.movements': '/wallet',
};

/** Why a method that could be a command is none. */
export const left: Readonly<Partial<Record<MethodName, string>>> = {
  'identity.draft': 'A phrase is made in the course of beginning anew.',
  'system.link': 'This is the interface already.',
  'system.endSessions': 'The settings of the identity have it, beside what it ends.',
  'tasks.dismiss': 'The tasks drawer has it.',
  'vault.setup': 'Home and the vault offer it while there is none.',
  'vault.webdavOff': 'The page of the disk has it, beside what it cuts off.',
  'vault.devicesOff': 'The page of the devices has it, beside what it stops.',
  'vault.configureSnapshots': 'The command line has it.',
  'vault.configureUpkeep': 'The page of the places has it.',
  'vault.lending': 'The page of what is kept for others shows it.',
  'vault.lendOn': 'The page of what is kept for others has it, beside what is reached then.',
  'vault.lendOff': 'The page of what is kept for others has it, beside what it cuts off.',
  'pairing.cancel': 'The dialog that adds a device has it.',
  'shares.drop': 'The dialog that makes shares has it.',
  'identity.status': 'It is in sight all the time.',
  'ledger.share': 'The page of the ledger has it, beside what others see then.',
  'ledger.unshare': 'The page of the ledger has it, beside whom it cuts off.',
  'ledger.rpcOn': 'The command line has it: it is for programs.',
  'ledger.rpcOff': 'The command line has it: it is for programs.',
  'ledger.backup': 'The command line has it; the vault is given a copy by itself.',
  'ledger.restore': 'The command line has it.',
  'wallet.sitesOn': 'The command line has it.',
  'wallet.sitesOff': 'The command line has it.',
};

/** What people come for first; the agent's own affairs last. */
const domains = [
  'vault',
  'machines',
  'mesh',
  'wallet',
  'deals',
  'ledger',
  'names',
  'contacts',
  'pairing',
  'identity',
  'shares',
  'activity',
  'mandates',
  'tasks',
  'consent',
  'system',
];

const takesNothing = (spec: AnyMethod) => spec.input.safeParse({}).success;

/** Every command of the palette, from the contract: methods a person may call that need no arguments or have a dialog. */
export function deriveCommands(): Command[] {
  const methods = Object.entries(agentContract) as [MethodName, AnyMethod][];
  const rank = (method: string) => domains.indexOf(method.split('.')[0] ?? '');
  methods.sort(([a], [b]) => rank(a) - rank(b));
  return methods.flatMap(([method, spec]): Command[] => {
    if (spec.withheld?.ui || spec.kind === 'stream' || left[method]) return [];
    const path = dialogs[method];
    if (path) return [{ kind: 'open', method, path }];
    if (!takesNothing(spec)) return [];
    // Plain reads are what the pages show; a checking task is worth starting.
    if (spec.effect === 'read') return spec.kind === 'task' ? [{ kind: 'run', method }] : [];
    const final = spec.effect === 'delete' || method === 'system.stop';
    return [{ kind: final ? 'ask' : 'run', method }];
  });
}
