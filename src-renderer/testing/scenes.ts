import type { AgentContract } from '#shared/contract/agent.ts';
import type { IdentityStatus } from '#shared/contract/identity.ts';
import type { Machine } from '#shared/contract/machines.ts';
import type { Settings } from '#shared/contract/system.ts';
import type { Upkeep, VaultStatus, Watched, Webdav } from '#shared/contract/vault.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import type { Answers } from '#shared/rpc/double.ts';
import { fail } from '#shared/rpc/fail.ts';
import { createFakeAgent, type FakeAgent } from './fake-agent.ts';
import { type MeshWorld, meshScenes, nobodysMesh, playMesh } from './mesh-scenes.ts';
import * as samples from './samples.ts';

export interface Scene {
  identity?: IdentityStatus;
  vault?: VaultStatus;
  disk?: Webdav;
  watched?: readonly Watched[];
  upkeep?: Upkeep;
  machines?: readonly Machine[];
  settings?: Partial<Settings>;
  busy?: boolean;
  asking?: boolean;
  /** The mesh node; none joined when left out. */
  mesh?: MeshWorld;
  /** Answers that replace the common ones. */
  answers?: Answers<AgentContract>;
}

/** An agent in a given state that answers as the real one would, as far as the frame and its pages ask. */
export function play(scene: Scene): FakeAgent {
  let identity = scene.identity ?? samples.identityUnlocked;
  let vault = scene.vault ?? samples.vaultReady;
  let disk = scene.disk ?? samples.diskOff;
  let watched = scene.watched ?? [];
  let upkeep = scene.upkeep ?? samples.upkeep;
  let settings: Settings = { ...samples.settings, ...scene.settings };
  let asking = scene.asking ?? false;
  let tasks = scene.busy ? samples.tasks : [];
  let created: IdentityStatus | null = null;
  const agent = createFakeAgent({
    'identity.status': () => identity,
    'identity.draft': () => ({ draft: 'd-1', words: samples.words, check: [2, 11, 19] }),
    'identity.create': ({ name }) => {
      const { person } = samples.identityUnlocked;
      identity = { ...samples.identityUnlocked, person: person && { ...person, name } };
      created = identity;
      agent.emit('identity');
      return identity;
    },
    'identity.restore': ({ words, name }) => {
      if (words.join(' ') !== samples.words.join(' ')) {
        throw fail('BAD_PHRASE', 'These words are no recovery phrase: the last one does not fit the others.', {
          meaning: 'Nothing was changed.',
          next: 'Look for a wrong or swapped word.',
        });
      }
      const { person } = samples.identityUnlocked;
      identity = { ...samples.identityUnlocked, person: person && { ...person, name } };
      agent.emit('identity');
      return identity;
    },
    'identity.unlock': ({ passphrase }) => {
      if (passphrase !== 'correct horse') {
        throw fail('WRONG_PASSPHRASE', 'This is not the passphrase.', { next: 'Try again, or use your 24 words.' });
      }
      identity = created ?? samples.identityUnlocked;
      agent.emit('identity');
      return identity;
    },
    'identity.lock': () => {
      identity = { ...identity, state: 'locked' };
      agent.emit('identity');
      return identity;
    },
    'identity.rename': ({ name }) => {
      identity = { ...identity, person: identity.person && { ...identity.person, name } };
      agent.emit('identity');
      return identity;
    },
    'identity.setAutoLock': ({ minutes }) => {
      identity = { ...identity, autoLockMinutes: minutes };
      agent.emit('identity');
      return identity;
    },
    'identity.revealPhrase': () => ({ words: samples.words, check: [2, 11, 19] }),
    'identity.devices': () => ({ devices: identity.device ? [identity.device] : [] }),
    'identity.card': () => {
      throw fail('NO_IDENTITY', 'There is no card yet.');
    },
    'vault.status': () => vault,
    'vault.setup': () => {
      vault = { ...samples.vaultReady, files: 0, folders: 0, size: 0, stored: 0, verifiedAt: null, binned: 0 };
      agent.emit('vault');
      return vault;
    },
    'vault.upkeep': () => upkeep,
    'vault.configureUpkeep': (changes) => {
      const given = Object.entries(changes).filter(([, value]) => value !== undefined);
      upkeep = { ...upkeep, policy: { ...upkeep.policy, ...Object.fromEntries(given) } };
      agent.emit('vault');
      return upkeep.policy;
    },
    'vault.watched': () => ({ folders: [...watched] }),
    'vault.answerWatched': ({ watched: id }) => {
      watched = watched.map((one) => {
        const { question: _, ...rest } = one;
        return one.id === id ? { ...rest, state: 'current' } : one;
      });
      agent.emit('vault');
      const [first] = watched;
      if (!first) throw fail('NOTHING_ASKED', 'Nothing waits for an answer there.');
      return { watched: first };
    },
    'vault.webdavStatus': () => disk,
    'vault.webdavOn': ({ newPassword }) => {
      const password = newPassword || !disk.hasPassword ? 'k3vw-7mqa-2xzd-ph5t-nr4c-yb6e' : null;
      disk = { ...samples.diskOn };
      agent.emit('vault');
      return { ...disk, password };
    },
    'vault.webdavOff': () => {
      disk = { ...disk, on: false, address: null, connections: 0 };
      agent.emit('vault');
      return disk;
    },
    'vault.search': ({ query }) => ({
      items: [],
      more: query === '',
      total: 0,
      index: { state: 'current', files: 0, waiting: 0, read: 0, bytes: 0 },
    }),
    'vault.cacheKey': () => ({ key: new Uint8Array(32).fill(7) }),
    'machines.list': () => ({ machines: [...(scene.machines ?? [])] }),
    'machines.capability': () => ({
      qemu: { path: '/usr/bin/qemu-system-x86_64', version: '7.2.22' },
      accelerator: 'tcg',
      acceleratorDetail: 'There is no /dev/kvm here, so machines run in pure software.',
      installCommand: 'apt-get install qemu-system-x86',
      cpus: 8,
      memoryMiB: 16_384,
      freeDisk: 212_000_000_000,
    }),
    'tasks.list': () => ({ tasks: [...tasks] }),
    'tasks.dismiss': ({ tasks: ids }) => {
      tasks = tasks.filter((task) => task.state === 'running' || (ids && !ids.includes(task.id as TaskId)));
      agent.emit('tasks');
      return {};
    },
    'activity.list': ({ limit, before, effect, query }) => {
      const found = samples.entries.filter(
        (e) =>
          e.seq < (before ?? 1e9) &&
          (!effect || e.effect === effect) &&
          (!query || e.summary.toLowerCase().includes(query.toLowerCase())),
      );
      return { entries: identity.state === 'none' ? [] : found.slice(0, limit), more: found.length > limit };
    },
    'activity.verify': () => ({ entries: 200, intact: true, brokenAt: null }),
    'activity.undo': ({ seq }) => ({ seq: seq + 1000 }),
    'mandates.list': () => ({
      mandates: [
        {
          id: 'md-1',
          method: 'vault.put',
          face: 'mcp' as const,
          target: { into: 'root' },
          maxUses: 100,
          uses: 12,
          capPerUse: {},
          capTotal: {},
          spent: {},
          createdAt: samples.moment,
          expiresAt: Date.now() + 20 * 86_400_000,
          revokedAt: null,
        },
      ],
    }),
    'consent.pending': () => ({ requests: asking ? [samples.question(Date.now())] : [] }),
    'consent.answer': () => {
      asking = false;
      agent.emit('consent');
      return {};
    },
    'system.info': () => ({
      version: '0.1.0',
      shell: 'daemon' as const,
      platform: 'linux x64',
      hostName: 'study',
      home: '/home/ada/.local/share/hypha',
      node: '24.21.0',
      startedAt: samples.moment,
      pid: 4711,
      selfTest: { passed: 23, failed: [] },
      notices: [],
    }),
    'system.settings': () => settings,
    'system.configure': (change) => {
      settings = { ...settings, ...change };
      agent.emit('settings');
      return settings;
    },
    'system.useQemu': ({ path }) => {
      settings = { ...settings, qemuPath: path };
      agent.emit('settings');
      return settings;
    },
    'system.diagnostics': () => ({ files: [{ name: 'system.json', text: '{\n  "version": "0.1.0"\n}\n' }] }),
    ...playMesh({ emit: (topic) => agent.emit(topic) }, scene.mesh),
    ...scene.answers,
  });
  return agent;
}

const some = [
  samples.machine('web-1', 'running'),
  samples.machine('builder', 'paused'),
  samples.machine('old-mail', 'stopped'),
];
const { person } = samples.identityUnlocked;

/** Named states for looking at the interface: `stage.html?scene=home`. */
export const scenes: Readonly<Record<string, () => Scene>> = {
  first: () => ({ identity: samples.identityNone, vault: samples.vaultNone, settings: { onboarded: false } }),
  nobody: () => ({ identity: samples.identityNone, vault: samples.vaultNone, mesh: nobodysMesh }),
  home: () => ({ machines: some }),
  fresh: () => ({
    identity: { ...samples.identityUnlocked, person: person && { ...person, phraseConfirmed: false } },
    vault: { ...samples.vaultNone, state: 'ready', places: 6, healthyPlaces: 6, devices: 1 },
    answers: { 'activity.list': () => ({ entries: [], more: false }) },
  }),
  safe: () => ({ machines: some, vault: { ...samples.vaultReady, survivesDevices: 2, devices: 3, safety: 'safe' } }),
  risk: () => ({
    machines: [samples.machine('web-1', 'crashed')],
    vault: { ...samples.vaultReady, healthyPlaces: 5, atRisk: 1204, missingShards: 900, safety: 'at-risk' },
  }),
  busy: () => ({ machines: some, busy: true }),
  asking: () => ({ machines: some, asking: true }),
  locked: () => ({ identity: { ...samples.identityUnlocked, state: 'locked' } }),
  damaged: () => ({ identity: { ...samples.identityUnlocked, state: 'damaged', person: null } }),
  ...meshScenes,
};
