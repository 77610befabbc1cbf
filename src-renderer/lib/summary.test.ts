import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentContract, type MethodName } from '#shared/contract/agent.ts';
import { english, german } from '#shared/i18n/index.ts';
import type { AnyMethod } from '#shared/rpc/contract.ts';
import { createI18n } from './i18n.ts';
import { readSummary } from './summary.ts';

const methods = Object.entries(agentContract) as [MethodName, AnyMethod][];

/** Inputs of every shape that a method's sentence has; what the sentence does not name is left out. */
const inputs: Partial<Record<MethodName, readonly object[]>> = {
  'system.configure': [{ onboarded: true }, { onboarded: false }, { theme: 'dark', language: 'de' }],
  'system.useQemu': [{ path: '' }, { path: '/opt/qemu/bin' }],
  'system.endSessions': [{}, { sessions: ['a'] }, { sessions: ['a', 'b'] }],
  'tasks.cancel': [{ task: 't-1' }],
  'tasks.pause': [{ task: 't-1' }],
  'tasks.resume': [{ task: 't-1' }],
  'activity.undo': [{ seq: 12 }],
  'consent.answer': [{ allow: true }, { allow: false }],
  'mandates.create': [{ method: 'vault.put', face: 'cli', maxUses: 10 }],
  'mandates.revoke': [{ mandate: 'm-1' }],
  'identity.create': [{ name: 'Ada' }, { name: '' }],
  'identity.restore': [{ name: 'Ada "the first"' }],
  'identity.setSecondFactor': [{ on: true }, { on: false }],
  'identity.rename': [{ name: 'Grace' }],
  'identity.setAutoLock': [{ minutes: 0 }, { minutes: 1 }, { minutes: 15 }],
  'identity.revokeDevice': [{ device: 'd-1' }],
  'shares.make': [{ threshold: 3, count: 5 }],
  'shares.show': [{ number: 2 }],
  'shares.written': [{ number: 2 }],
  'shares.restore': [{ name: 'Ada "the first"' }],
  'contacts.add': [{}, { petname: 'Ada "the first"' }],
  'contacts.rename': [
    { contact: 'c-1', petname: 'Ada' },
    { contact: 'c-1', petname: 'Ada', label: 'boss' },
  ],
  'contacts.verify': [{ contact: '“Ada”' }],
  'contacts.unverify': [{ contact: '“Ada”' }],
  'contacts.block': [{ contact: '“Ada”' }],
  'contacts.unblock': [{ contact: '“Ada”' }],
  'contacts.remove': [{ contact: '“Ada”' }],
  'contacts.restore': [{ contact: '“Ada”' }],
  'pairing.join': [{ at: '192.168.1.5:40123' }],
  'pairing.answer': [
    { code: '012345', equal: true, withKeys: true },
    { code: '012345', equal: true, withKeys: false },
    { code: '012345', equal: false },
  ],
  'vault.setup': [{ profile: { k: 4, m: 2 } }],
  'vault.put': [{ paths: ['/home/ada/Some notes'] }, { paths: ['/a', '/b'] }],
  'vault.uploadOpen': [{ path: ['a', 'b.txt'] }],
  'vault.makeFolder': [{ name: '$t(frame.lock) {{name}}' }],
  'vault.rename': [{ item: 'i-1', name: 'Letters' }],
  'vault.move': [{ items: ['a'] }, { items: ['a', 'b'] }],
  'vault.bin': [{ items: ['a'] }, { items: ['a', 'b'] }],
  'vault.restore': [{ items: ['a'] }, { items: ['a', 'b'] }],
  'vault.purge': [{}, { items: ['a'] }, { items: ['a', 'b'] }],
  'vault.export': [
    { items: ['a'], to: '/out' },
    { items: ['a', 'b'], to: '/out of here' },
  ],
  'vault.importZstor': [
    { config: '/z.toml', paths: [], all: true },
    { config: '/z.toml', paths: ['/data/a'], all: false },
    { config: '/z.toml (9 backends at 10.0.0.1)', paths: ['/a', '/b'], all: false },
  ],
  'vault.exportAge': [{ item: 'a', to: '/b', filePassphrase: 'ten random words' }],
  'vault.exportZstor': [
    { items: ['a'], config: '/z.toml', as: '/data/a' },
    { items: ['a', 'b'], config: '/z.toml (9 backends at 10.0.0.1)', as: '/data' },
  ],
  'vault.addPlace': [{ path: '/mnt/disk' }, { kind: 's3', endpoint: 's3.example.org', bucket: 'b', accessKeyId: 'AK' }],
  'vault.changePlace': [{ place: 'p-1' }],
  'vault.removePlace': [{ place: 'p-1' }],
  'vault.takeSnapshot': [{ name: '' }, { name: 'before "it"' }],
  'vault.removeSnapshots': [{ snapshots: [3] }, { snapshots: [3, 4] }],
  'vault.restoreFrom': [
    { snapshot: 12, items: ['/notes from home'] },
    { snapshot: 12, items: ['a', 'b'] },
  ],
  'vault.checkSnapshot': [{ snapshot: 12 }],
  'vault.audit': [{ samples: 459 }, { place: 'p-1', samples: 459 }],
  'vault.rehearse': [{ files: 20 }],
  'vault.webdavOn': [{ newPassword: false }, { newPassword: true }],
  'vault.acceptDevice': [{ device: 'lap', code: '12345 '.repeat(6) }],
  'vault.watch': [{ directory: '/home/ada/Papers', folder: '/papers' }],
  'vault.changeWatched': [
    { watched: '/home/ada/Papers', paused: true },
    { watched: '/home/ada/Papers', paused: false },
    { watched: '/home/ada/Papers', ignore: ['*.tmp'] },
  ],
  'vault.unwatch': [{ watched: '/home/ada/Papers' }],
  'vault.syncWatched': [{ watched: '/home/ada/Papers' }],
  'vault.answerWatched': [
    { watched: '/home/ada/Papers', answer: 'delete' },
    { watched: '/home/ada/Papers', answer: 'keep' },
  ],
  'vault.lend': [
    { name: 'ada', bytes: 134_217_728, to: [] },
    { name: 'ada', bytes: 134_217_728, to: ['ada', 'ben.hypha'] },
  ],
  'vault.changeLoan': [
    { name: 'ada', newPassword: false },
    { name: 'ada', newPassword: true },
    { name: 'ada', newPassword: false, bytes: 134_217_728 },
    { name: 'ada', newPassword: true, bytes: 134_217_728 },
  ],
  'vault.unlend': [{ name: 'ada' }],
  'vault.askRoom': [{ contact: 'ada', gib: 20 }],
  'vault.withdrawRoom': [{ contact: 'ada' }],
  'vault.giveRoom': [{ contact: 'ada', gib: 20 }],
  'vault.refuseRoom': [{ contact: 'ada' }],
  'vault.closeRoom': [{ contact: 'ada', days: 30 }],
  'vault.reopenRoom': [{ contact: 'ada' }],
  'vault.endRoom': [{ contact: 'ada' }],
  'vault.share': [
    { item: '/a trip', contact: 'Ada', access: 'read' },
    { item: '/a', contact: 'Ada', access: 'read', expires: 1_800_000_000_000 },
    { item: '/a', contact: 'Ada', access: 'write' },
    { item: '/a', contact: 'Ada', access: 'write', expires: 1_800_000_000_000 },
  ],
  // Other combinations stay the core's own sentence, beside the title.
  'vault.changeShare': [
    { share: 's-1', access: 'read' },
    { share: 's-1', access: 'write' },
    { share: 's-1', expires: null },
    { share: 's-1', expires: 1_800_000_000_000 },
  ],
  'vault.revoke': [{ share: 's-1' }],
  'vault.saveShared': [
    { share: 's-1', items: [] },
    { share: 's-1', items: ['a'] },
    { share: 's-1', items: ['a', 'b'] },
  ],
  'vault.exportShared': [
    { share: 's-1', items: [], to: '/out' },
    { share: 's-1', items: ['a'], to: '/out' },
    { share: 's-1', items: ['a', 'b'], to: '/out of here' },
  ],
  'vault.sendShared': [{ share: 's-1', item: '/a' }],
  'vault.leaveShare': [{ share: 's-1' }],
  'machines.fetchImage': [{ image: 'debian-12' }],
  'machines.removeImage': [{ image: 'debian-12' }],
  // With openings of its firewall it stays the core's own sentence, beside the title.
  'machines.deploy': [{ name: 'web-1', image: 'hypha-micro', cpus: 2, memoryMiB: 512, firewall: [] }],
  'machines.start': [{ machine: 'm-1' }],
  'machines.stop': [
    { machine: 'm-1', force: false },
    { machine: 'm-1', force: true },
  ],
  'machines.pause': [{ machine: 'm-1' }],
  'machines.resume': [{ machine: 'm-1' }],
  'machines.resize': [{ machine: 'm-1' }],
  // Keys and several changes at once stay the core's own sentence, beside the title.
  'machines.configure': [
    { machine: 'm-1', autostart: true },
    { machine: 'm-1', autostart: false },
    { machine: 'm-1', internet: true },
    { machine: 'm-1', internet: false },
  ],
  'machines.snapshot': [{ machine: 'm-1', name: 'before' }],
  'machines.restoreSnapshot': [{ machine: 'm-1', name: 'before' }],
  'machines.deleteSnapshot': [{ machine: 'm-1', name: 'before' }],
  'machines.delete': [{ machine: 'm-1' }],
  'machines.type': [{ machine: 'm-1' }],
  'deals.offer': (['hour', 'day', 'month'] as const).flatMap((per) => [
    { chain: 'eip155:1', what: 'A machine', price: '2.5', per },
    { chain: 'eip155:1', to: 'Ada', what: 'A machine', price: '2.5', per },
  ]),
  'deals.takeBack': [{ offer: `0x${'ab'.repeat(32)}` }],
  'deals.dismiss': [{ offer: `0x${'ab'.repeat(32)}` }],
  'deals.accept': [
    { offer: `0x${'ab'.repeat(32)}`, deposit: '2.5' },
    { offer: `hypha://offer/${'a'.repeat(200)}`, deposit: '2.5' },
  ],
  'deals.start': [{ deal: `0x${'ab'.repeat(32)}` }],
  'deals.topUp': [{ deal: `0x${'ab'.repeat(32)}`, amount: '1' }],
  'deals.settle': [{ deal: `0x${'ab'.repeat(32)}` }],
  'deals.withdraw': [{ chain: 'eip155:1' }],
  'deals.end': [{ deal: `0x${'ab'.repeat(32)}` }],
  'deals.dispute': [{ deal: `0x${'ab'.repeat(32)}`, reason: 'It was down.' }],
  'deals.propose': [
    { deal: `0x${'ab'.repeat(32)}`, kind: 'refund', amount: '1' },
    { deal: `0x${'ab'.repeat(32)}`, kind: 'settlement', amount: '1' },
  ],
  'deals.report': [{ deal: `0x${'ab'.repeat(32)}`, upSeconds: 60 }],
  'deals.confirm': [{ proposal: `0x${'ab'.repeat(32)}` }, { proposal: `hypha://deal/${'a'.repeat(200)}` }],
  'deals.decline': [{ proposal: `0x${'ab'.repeat(32)}` }],
  'deals.resolveLate': [{ deal: `0x${'ab'.repeat(32)}` }],
  'mesh.join': [{}, { publicPeers: false }, { listen: false }, { publicPeers: false, listen: false }],
  'mesh.configure': [{}, { listen: false, port: 9651 }],
  'mesh.usePrivateNetwork': [{ name: '' }, { name: 'attic' }],
  'mesh.addPeer': [{ endpoint: 'tcp://peer.example:9651' }],
  'mesh.removePeer': [{ endpoint: 'tcp://[2001:db8::1]:9651' }],
  'mesh.forward': [
    { target: 'ann.hypha', port: 8080 },
    { target: '4a2::1', port: 22, localPort: 2222 },
  ],
  // As `meshNaming` of the core fills them in, and with the bare id for what it does not know.
  'mesh.unforward': [{ forward: 'f-1' }, { forward: 'of port 22 of ann to port 2222' }],
  'mesh.expose': [
    { localPort: 8080, allow: ['ann.hypha', '4a2::1'] },
    { localPort: 8080, allow: ['everybody'], port: 80 },
  ],
  'mesh.unexpose': [{ exposure: 'e-1' }, { exposure: 'port 8080 to ann, everybody' }],
  'mesh.setSocks': [{ on: true }, { on: false }],
  'mesh.setNameServer': [{ on: false }, { on: true }, { on: true, upstream: '192.0.2.53' }],
  'mesh.markRead': [{ ids: ['0a'] }, { ids: ['0a', '0b'] }],
  'mesh.send': [
    { to: 'ann.hypha', text: 'Shall we meet?' },
    { to: 'ann (4a2::1, not verified)', text: 'Is everybody (not a contact) here?' },
  ],
  'mesh.deleteMessage': [{ id: '0a' }, { id: 'from ann' }, { id: 'to 4a2::1' }],
  'mesh.setTopic': [
    { topic: 'news', allow: [] },
    { topic: 'news', allow: ['everybody'] },
    { topic: 'news', allow: ['default'] },
    { topic: '', allow: ['ann.hypha', 'ben.hypha'] },
  ],
  'mesh.setHttpApi': [
    { on: false, topics: [] },
    { on: true, topics: [] },
    { on: true, topics: ['news', 'work'] },
  ],
  'names.register': [
    { name: 'anna', days: 365 },
    { name: 'anna', ledger: 'toms-ledger', days: 10 },
  ],
  'names.forgo': [{ registration: 'a'.repeat(22) }],
  'names.renew': [
    { name: 'anna', days: 365 },
    { name: 'anna', ledger: 'toms-ledger', days: 10 },
  ],
  'names.publish': [{ name: 'anna' }, { name: 'anna', ledger: 'toms-ledger' }],
  'names.transfer': [
    { name: 'anna', to: '0xabc' },
    { name: 'anna', ledger: 'toms-ledger', to: '0xabc' },
  ],
  'names.release': [{ name: 'anna' }, { name: 'anna', ledger: 'toms-ledger' }],
  'names.withdraw': [{}, { ledger: 'toms-ledger' }],
  'wallet.addAccount': [{}, { name: 'Savings' }],
  'wallet.importKey': [{ name: 'Old wallet' }],
  'wallet.watch': [{ address: '0xabc', name: 'Cold' }],
  'wallet.nameAccount': [{ address: '0xabc', name: 'Savings' }],
  'wallet.useAccount': [{ address: '0xabc' }],
  'wallet.removeAccount': [{ address: '0xabc' }],
  'wallet.restoreAccount': [{ address: '0xabc' }],
  'wallet.addToken': [{ chain: 'eip155:1', address: '0xabc' }],
  'wallet.removeToken': [{ chain: 'eip155:1', address: '0xabc' }],
  'wallet.send': [
    { to: 'Ann', amount: '1.5', token: 'TFT' },
    { to: 'Ann', amount: '1.5', token: 'TFT', account: '0xabc' },
  ],
  'wallet.hasten': [{ movement: '0xdef' }],
  'wallet.takeBack': [{ movement: '0xdef' }],
  'wallet.setAddress': [{ contact: 'Ann', address: '0xabc' }],
  'wallet.forgetAddress': [{ contact: 'Ann' }],
  'wallet.signMessage': [{ text: 'it is me' }],
  'wallet.revoke': [
    { kind: 'item', id: '7', spender: '0xabc', token: '0xdef' },
    { kind: 'all', spender: '0xabc', token: '0xdef' },
  ],
  'ledger.issue': [
    { amount: '12.5', memo: 'a loaf' },
    { amount: '12.5', memo: 'bread', to: '0xabc' },
  ],
  'ledger.redeem': [
    { amount: '12.5', memo: 'bread' },
    { amount: '12.5', memo: 'bread', chain: 'eip155:7' },
  ],
  'ledger.open': [{ symbol: 'BREAD' }, { symbol: 'BREAD', name: 'Loaves' }],
  'ledger.share': [
    { with: [], everyone: true },
    { with: ['ann', 'ben'], everyone: false },
  ],
  'ledger.unshare': [
    { with: [], everyone: true },
    { with: ['ann', 'ben'], everyone: false },
  ],
  'ledger.join': [{ from: 'ann' }],
  'ledger.backup': [{}, { to: '/home/ada/copy' }],
  'ledger.restore': [{}, { from: '/home/ada/copy' }],
  'ledger.leave': [{ chain: 'eip155:7' }],
  'ledger.accept': [{ chain: 'eip155:7' }],
  'ledger.rpcOn': [{ origins: [] }, { origins: ['https://app.example'] }],
  'ledger.addChain': [{ name: 'Sepolia' }, { chain: 'eip155:1' }, {}],
  'ledger.changeChain': [
    { chain: 'eip155:1' },
    { chain: 'eip155:1', name: 'Main' },
    { chain: 'eip155:1', confirmations: 12 },
  ],
  'ledger.removeChain': [{ chain: 'eip155:1' }],
  'ledger.addRpc': [{ chain: 'eip155:1' }],
  'ledger.removeRpc': [{ chain: 'eip155:1', id: 'r1' }],
  'ledger.resumeChain': [{ chain: 'eip155:1' }],
  'ledger.useContracts': [{ chain: 'eip155:1', deals: '0xa', nodes: '0xb', names: '0xc', attestations: '0xd' }],
  'ledger.putContracts': [{ chain: 'eip155:1' }],
  'ledger.carryOver': [{ chain: 'eip155:1' }],
  'wallet.forgetSite': [{ site: 'https://app.example' }],
  'wallet.siteConnect': [{ site: 'https://app.example', account: '0xabc', chain: 'eip155:1' }],
  'wallet.siteSwitch': [{ site: 'https://app.example', chain: 'eip155:1' }],
  'wallet.siteSend': [
    { site: 'https://app.example', data: '0x', to: '0xabc', value: '5' },
    { site: 'https://app.example', data: '0x', to: null, value: '5' },
  ],
  'wallet.siteSign': [{ site: 'https://app.example', message: '0x12' }],
  'wallet.siteSignTyped': [{ site: 'https://app.example', typed: 'x' }],
};

describe('sentences about calls, in every language', () => {
  const told = methods.filter(
    ([, spec]) => (spec.effect !== 'read' || spec.kind === 'task') && spec.summary.length > 0,
  );

  it('knows what the core says of every method that has an effect', () => {
    expect(told.map(([name]) => name).toSorted()).toEqual(Object.keys(inputs).toSorted());
    const deaf = told.flatMap(([name, spec]) =>
      (inputs[name] ?? [])
        .map((input) => spec.summary(input))
        .filter((summary) => readSummary(name, summary) === null)
        .map((summary) => `${name}: ${summary}`),
    );
    expect(deaf).toEqual([]);
  });

  it('says in English again exactly what it read, so that nothing is lost or made up', () => {
    const { t } = createI18n('en');
    for (const [name, spec] of told) {
      for (const input of inputs[name] ?? []) {
        const summary = spec.summary(input);
        const read = readSummary(name, summary);
        expect(read && (t as (key: string, values: object) => string)(read.key, { ...read.values })).toBe(summary);
      }
    }
  });

  it('has no form that no method uses', () => {
    const used = new Set<string>();
    for (const [name, spec] of told) {
      for (const input of inputs[name] ?? []) used.add(readSummary(name, spec.summary(input))?.key ?? '');
    }
    const keys = (tree: object, at = 'summary'): string[] =>
      Object.entries(tree).flatMap(([key, value]) =>
        typeof value === 'string' ? [`${at}.${key}`.replace(/_(one|other)$/, '')] : keys(value, `${at}.${key}`),
      );
    expect([...new Set(keys(english.summary))].filter((key) => !used.has(key))).toEqual([]);
  });

  it('puts the very values of the call into German', () => {
    const { t } = createI18n('de');
    const say = (name: MethodName, input: object) => {
      const read = readSummary(name, (agentContract[name] as AnyMethod).summary(input));
      return read && (t as (key: string, values: object) => string)(read.key, { ...read.values });
    };
    expect(say('vault.put', { paths: ['/a', '/b'] })).toBe('2 Einträge im Tresor ablegen');
    expect(say('vault.move', { items: ['a'] })).toBe('1 Eintrag im Tresor verschieben');
    expect(say('vault.makeFolder', { name: '$t(frame.lock) {{x}}' })).toBe('Ordner „$t(frame.lock) {{x}}“ anlegen');
    expect(german.summary.vault.addPlace).toContain('{{path}}');
    expect(say('mesh.unforward', { forward: 'of port 22 of ann to port 2222' })).toBe(
      'Die Weiterleitung von Port 22 von ann auf Port 2222 beenden',
    );
    expect(say('mesh.unexpose', { exposure: 'port 80 to ann, ben' })).toBe('Port 80 nicht mehr anbieten für: ann, ben');
    expect(say('mesh.deleteMessage', { id: 'to ann' })).toBe('Die Nachricht an ann löschen');
  });
});

describe('names that would move a border', () => {
  it('are left to the sentence of the core', () => {
    const { summary } = agentContract['machines.snapshot'] as AnyMethod;
    expect(readSummary('machines.snapshot', summary({ machine: 'a', name: 'b" as "c' }))).toBeNull();
    expect(readSummary('machines.snapshot', summary({ machine: 'a', name: 'b as c' }))).not.toBeNull();
    expect(readSummary('machines.snapshot', summary({ machine: 'a as "b', name: 'c' }))).toBeNull();
    expect(readSummary('vault.rename', 'Rename a to "b" to "c"')).toBeNull();
    expect(readSummary('vault.rename', 'Rename everything')).toBeNull();
    const { summary: change } = agentContract['machines.configure'] as AnyMethod;
    expect(readSummary('machines.configure', change({ machine: 'a', autostart: true, internet: true }))).toBeNull();
    expect(readSummary('constructor', 'Rename everything')).toBeNull();
  });

  it('never gives a value that the call does not have', () => {
    const { summary } = agentContract['vault.rename'] as AnyMethod;
    const word = fc.string({ unit: fc.constantFrom('a', ' to "', '"', ' ', 'Rename ') });
    fc.assert(
      fc.property(word, word, (item, name) => {
        const read = readSummary('vault.rename', summary({ item, name }));
        if (read !== null) expect(read.values).toEqual({ item, name });
      }),
    );
  });
});
