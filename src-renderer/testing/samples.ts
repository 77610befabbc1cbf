import type { ActivityEntry, ConsentRequest } from '#shared/contract/activity.ts';
import { type Contact, contactSchema } from '#shared/contract/contacts.ts';
import { type IdentityStatus, identityStatusSchema } from '#shared/contract/identity.ts';
import { type Machine, machineSchema } from '#shared/contract/machines.ts';
import { settingsSchema } from '#shared/contract/system.ts';
import { type Task, taskSchema } from '#shared/contract/tasks.ts';
import { type Upkeep, type VaultStatus, vaultStatusSchema, type Webdav } from '#shared/contract/vault.ts';

/** A moment that every sample is told from, so that pictures and tests do not change with the day. */
export const moment = Date.UTC(2026, 4, 12, 9, 30);
const minutes = (n: number) => moment - n * 60_000;

export const words =
  'legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth title'.split(
    ' ',
  );

export const identityNone: IdentityStatus = {
  state: 'none',
  person: null,
  device: null,
  worksWhileLocked: [],
  autoLockMinutes: 15,
  secondFactor: { state: 'unavailable', detail: 'This computer has no keyring that Hypha can use.' },
  retryAt: null,
};

export const identityUnlocked: IdentityStatus = identityStatusSchema.parse({
  ...identityNone,
  state: 'unlocked',
  person: {
    id: `hy1${'k3vqz7ma'.repeat(6)}p5xd`,
    name: 'Ada Lovelace',
    did: 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK',
    publicKey: 'a1'.repeat(32),
    createdAt: minutes(90_000),
    phraseConfirmed: true,
  },
  device: {
    ...{ id: 'dev-1', name: 'Study desk', label: 'study-desk', current: true },
    ...{ certifiedAt: minutes(90_000), revokedAt: null },
  },
  worksWhileLocked: ['machines'],
});

export const settings = settingsSchema.parse({ onboarded: true });

export const vaultReady: VaultStatus = vaultStatusSchema.parse({
  state: 'ready',
  profile: { k: 4, m: 2 },
  files: 41_208,
  folders: 1204,
  size: 92_341_231_412,
  stored: 138_511_847_118,
  places: 6,
  healthyPlaces: 6,
  devices: 1,
  survivesDevices: 0,
  survivesPlaces: 2,
  domains: [],
  safety: 'only-here',
  atRisk: 0,
  damaged: 0,
  missingShards: 0,
  verifiedAt: minutes(190),
  binned: 3,
});

export const vaultNone: VaultStatus = {
  ...vaultReady,
  state: 'none',
  files: 0,
  folders: 0,
  size: 0,
  stored: 0,
  places: 0,
  healthyPlaces: 0,
  devices: 0,
  survivesPlaces: 0,
  verifiedAt: null,
  binned: 0,
};

export const upkeep: Upkeep = {
  state: 'on',
  policy: { on: true, repair: true, spread: true, days: 30, serverDailyMiB: 1024, graceHours: 72 },
  oldestAt: minutes(12 * 24 * 60 - 60),
  neverChecked: 0,
  packs: 11_204,
  repairing: 3,
  stuck: 0,
  spreading: false,
  counts: { checked: 67_224, rotten: 1, missing: 4, remade: 2, moved: 0, sampled: 918 },
  places: [],
  events: [
    { at: minutes(20), kind: 'remade', count: 2 },
    { at: minutes(25), kind: 'found', count: 5 },
  ],
};

export const diskOff: Webdav = {
  on: false,
  address: null,
  user: 'hypha',
  hasPassword: false,
  port: null,
  connections: 0,
};
export const diskOn: Webdav = {
  ...diskOff,
  on: true,
  address: 'http://127.0.0.1:41873/vault/',
  hasPassword: true,
  port: 41_873,
  connections: 2,
};

export function machine(name: string, state: Machine['state'], cpu = 0.12): Machine {
  return machineSchema.parse({
    id: `m-${name}`,
    spec: { name, image: 'hypha-micro' },
    state,
    detail: state === 'crashed' ? 'QEMU ended with code 1.' : '',
    accelerator: 'tcg',
    createdAt: minutes(3000),
    startedAt: state === 'running' ? minutes(130) : null,
    ready: state === 'running',
    ssh: null,
    hostKey: null,
    snapshots: [],
    metrics:
      state === 'running'
        ? {
            at: moment,
            cpuSeconds: 81,
            cpu,
            memory: 230_000_000,
            guestMemory: null,
            diskRead: 0,
            diskWritten: 0,
            netReceived: 0,
            netSent: 0,
          }
        : null,
    diskUsed: 0,
  });
}

type EntryParts = Partial<ActivityEntry> & Pick<ActivityEntry, 'seq' | 'method' | 'effect' | 'summary'>;
export const entry = (parts: EntryParts): ActivityEntry => ({
  at: minutes((200 - parts.seq) * 7),
  caller: { face: 'ui', name: 'Hypha window' },
  outcome: 'done',
  endedAt: minutes((200 - parts.seq) * 7) + 400,
  failure: null,
  authority: 'person',
  task: null,
  undo: { possible: false, reason: 'It has been undone already.' },
  hash: parts.seq.toString(16).padStart(64, '0'),
  ...parts,
});

const undoable = { undo: { possible: true, reason: '' } };
export const entries: ActivityEntry[] = [
  entry({ seq: 200, method: 'vault.rename', effect: 'write', summary: 'Rename i-77 to "Letters 1843"', ...undoable }),
  entry({
    seq: 199,
    method: 'machines.deploy',
    effect: 'deploy',
    summary: 'Deploy the machine web-1 (hypha-micro, 1 CPU, 256 MiB memory) on this computer',
    outcome: 'running',
    endedAt: null,
  }),
  entry({
    seq: 198,
    method: 'vault.put',
    effect: 'write',
    summary: 'Store 214 items in the vault',
    caller: { face: 'cli', name: 'Terminal' },
    ...undoable,
  }),
  entry({
    seq: 197,
    method: 'vault.purge',
    effect: 'delete',
    summary: 'Empty the bin for good',
    caller: { face: 'mcp', name: 'Notes helper' },
    outcome: 'refused',
    authority: 'consent',
  }),
  entry({
    seq: 196,
    method: 'vault.export',
    effect: 'write',
    summary: 'Write one item of the vault to /home/ada/out',
    outcome: 'failed',
    failure: {
      code: 'DISK_FULL',
      message: 'The disk of /home/ada/out is full.',
      meaning: 'Nothing in the vault was changed.',
      next: 'Free 1.2 GiB there, then try again.',
    },
  }),
  ...Array.from({ length: 80 }, (_, i) =>
    entry({
      seq: 195 - i,
      method: 'vault.makeFolder',
      effect: 'write',
      summary: `Make the folder "Year ${1900 - i}"`,
      ...(i % 3 ? {} : undoable),
    }),
  ),
];

export const tasks: Task[] = [
  {
    id: 't-1',
    method: 'vault.put',
    title: 'Store /home/ada/Photographs in the vault',
    state: 'running',
    step: { key: 'seal', text: 'Encrypt and spread' },
    progress: { done: 3_400_000_000, total: 9_800_000_000, unit: 'bytes', rate: 41_000_000 },
    startedAt: minutes(2),
    endedAt: null,
    cancellable: true,
    input: null,
    result: null,
    failure: null,
  },
  {
    id: 't-2',
    method: 'machines.fetchImage',
    title: 'Download the image debian-12',
    state: 'failed',
    step: { key: 'fetch', text: 'Download' },
    progress: { done: 120_000_000, total: 340_000_000, unit: 'bytes', rate: null },
    startedAt: minutes(25),
    endedAt: minutes(20),
    cancellable: false,
    input: { image: 'debian-12' },
    result: null,
    failure: {
      code: 'UNREACHABLE',
      message: 'The vendor’s server does not answer.',
      meaning: 'What was downloaded is kept.',
      next: 'Check the connection and try again; it goes on where it stopped.',
    },
  },
  {
    id: 't-3',
    method: 'vault.verify',
    title: 'Check every shard of the vault',
    state: 'done',
    step: null,
    progress: null,
    startedAt: minutes(200),
    endedAt: minutes(190),
    cancellable: false,
    input: {},
    result: { checked: 1, missing: 0, corrupt: 0, damagedFiles: 0 },
    failure: null,
  },
].map((task) => taskSchema.parse(task));

export const question = (now: number): ConsentRequest => ({
  id: 'q-1',
  caller: { face: 'mcp', name: 'Notes helper' },
  mine: false,
  method: 'vault.bin',
  effect: 'write',
  summary: 'Put 3 items in the bin',
  arguments: [{ name: 'items', value: 'Letters 1843, Notes G, Diagrams' }],
  undo: 'It can be undone from the activity log: vault.restore.',
  askedAt: now - 4000,
  expiresAt: now + 116_000,
});

export function contact(id: string, petname: string, label: string, more: Partial<Contact> = {}): Contact {
  return contactSchema.parse({
    ...{ id, person: `hy1${label.padEnd(52, 'a').replaceAll(/[^a-z2-7]/g, 'a')}`, petname, label, name: petname },
    ...{ state: 'known', verifiedAt: minutes(600), blocked: false, addedAt: minutes(900), removedAt: null },
    ...{ cardAt: minutes(900), forkSeenAt: null, devices: [], ...more },
  });
}
