import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '#core/testing/fake-host.ts';
import type { Capability, Image } from '#shared/contract/machines.ts';
import { imageIdSchema } from '#shared/model/ids.ts';
import { Fail } from '#shared/rpc/fail.ts';
import { admit, busyStates, type Held, reserveMiB } from './admission.ts';
import { afterEnd } from './after-end.ts';
import { createConsoleLog } from './console/console-log.ts';
import { isDiskFull, notStarted, notWritten } from './disk-full.ts';
import { readCatalogue } from './images/catalogue.ts';
import { parsePsTime } from './metrics.ts';
import { forwardedPort } from './network/slirp.ts';
import { withoutMesh } from './openings.ts';
import { makePlan } from './plan.ts';
import { planReach } from './plan-reach.ts';
import { showsPrompt } from './readiness.ts';
import { decodeRecord, encodeRecord, type MachineRecord, macAddress, newMachineId, newUuid } from './record.ts';
import { startsByItself } from './recover.ts';
import { runDirectory, settleRunDirectory, socketPathLimit } from './run-directory.ts';
import { realHost, spec } from './testing/rig.ts';
import { shellWord, sshCommand } from './view.ts';

const random = seededRandom(5);
const record = (over: Partial<MachineRecord> = {}): MachineRecord => ({
  format: 'hypha-machine/1',
  id: newMachineId(random),
  uuid: newUuid(random),
  spec: spec({ name: 'web-1', memoryMiB: 256 }),
  state: 'running',
  detail: '',
  wanted: 'running',
  deleting: false,
  createdAt: 1,
  startedAt: 2,
  ready: true,
  accelerator: 'tcg',
  process: { pid: 42, startTime: '7', bootId: 'b' },
  pipeKey: 'abcdefghijklmnopqrstuvwxyz',
  startedWith: null,
  user: 'root',
  hostKey: 'ssh-ed25519 AAAA',
  sshPort: 1234,
  snapshots: [],
  ...over,
});

describe('the record of a machine', () => {
  it('reads back what was written', () => {
    const states = fc.constantFrom(
      'preparing',
      'starting',
      'running',
      'paused',
      'stopping',
      'stopped',
      'crashed',
      'failed',
    );
    fc.assert(
      fc.property(states, fc.string(), fc.boolean(), (state, detail, ready) => {
        const written = record({ state: state as MachineRecord['state'], detail, ready });
        expect(decodeRecord(encodeRecord(written))).toEqual(written);
      }),
    );
  });

  it('survives any text and a file cut off anywhere', () => {
    const whole = encodeRecord(record());
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc.nat(whole.length - 2).map((n) => whole.slice(0, n)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(() => decodeRecord(text)).toThrow(Fail);
      }),
    );
  });

  it('has ids that fit a socket path, and cards with addresses of their own', () => {
    expect(newMachineId(random)).toMatch(/^[a-z2-7]{12}$/);
    expect(macAddress('a', 0)).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
    expect(macAddress('a', 0)).not.toBe(macAddress('a', 1));
  });
});

describe('a machine that does not run when the agent starts', () => {
  const settled = (state: MachineRecord['state'], bootId = 'b') => afterEnd(record({ state }), bootId)?.state;
  it('is settled by the state that was written before the action', () => {
    expect(['preparing', 'starting'].map((s) => settled(s as MachineRecord['state']))).toEqual(['failed', 'failed']);
    expect(settled('stopping')).toBe('stopped');
    // What was cut off at its start starts again, where it is to start by itself.
    for (const state of ['preparing', 'starting', 'running', 'paused'] as const) {
      const cut = record({ state, spec: spec({ name: 'web-1', autostart: true }) });
      for (const boot of ['b', 'after a power cut'])
        expect(startsByItself({ ...cut, ...afterEnd(cut, boot) }), state).toBe(true);
      expect(startsByItself({ ...cut, ...afterEnd(cut, 'b'), wanted: 'stopped' })).toBe(false);
      expect(startsByItself({ ...cut, ...afterEnd(cut, 'b'), spec: spec({ name: 'a' }) })).toBe(false);
    }
    expect([settled('running'), settled('paused')]).toEqual(['crashed', 'crashed']);
    expect(settled('running', 'after a restart of the computer')).toBe('stopped');
    expect(afterEnd(record({ state: 'stopped', process: null }), 'b')).toBeNull();
    expect(afterEnd(record({ state: 'crashed' }), 'b')).toEqual({ process: null, ready: false });
  });
});

describe('the run directory', () => {
  it('is short whatever the data directory is, and differs between data directories', () => {
    const deep = `/home/${'very-long-name/'.repeat(20)}hypha`;
    const path = runDirectory(deep, `/${'x'.repeat(90)}`, 'linux');
    expect(Buffer.byteLength(`${path}/aaaaaaaaaaaa/serial.sock`)).toBeLessThanOrEqual(socketPathLimit('linux'));
    expect(runDirectory('/a', '/t', 'linux')).not.toBe(runDirectory('/b', '/t', 'linux'));
  });
});

describe.skipIf(process.platform === 'win32')('the run directory used before', () => {
  it('is used again under another TMPDIR, and replaced when it is not ours', async () => {
    const home = await mkdtemp(join(tmpdir(), 'hypha-home-'));
    const note = join(home, 'note');
    const made: string[] = [];
    try {
      await writeFile(note, `${join(home, 'run')}\n`);
      expect(await settleRunDirectory(home, note)).toBe(join(home, 'run'));
      // A file in its place stands for a directory of somebody else: neither can be used.
      await rm(join(home, 'run'), { recursive: true });
      await writeFile(join(home, 'run'), '');
      made.push(await settleRunDirectory(home, note));
      expect(made[0]).not.toBe(join(home, 'run'));
      expect(await settleRunDirectory(home, note)).toBe(made[0]);
    } finally {
      for (const path of [home, ...made]) await rm(path, { recursive: true, force: true });
    }
  });
});

const held = (r: MachineRecord): Held => ({
  name: r.spec.name,
  busy: busyStates.has(r.state),
  cpus: r.spec.cpus,
  memoryMiB: r.spec.memoryMiB,
});

describe('admission', () => {
  const host = { cpus: 2, memoryMiB: 4_096 };
  it('never gives away the reserve, whatever already runs', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 64, max: 2_000 }), { maxLength: 8 }),
        fc.integer({ min: 64, max: 5_000 }),
        (sizes, memoryMiB) => {
          const others = sizes.map((m) => held(record({ spec: spec({ name: 'x', memoryMiB: m }) })));
          const refused = admit(host, others, { cpus: 1, memoryMiB }).some((r) => r.field === 'memoryMiB');
          const sum = sizes.reduce((a, b) => a + b, 0) + memoryMiB;
          expect(refused).toBe(sum > host.memoryMiB - reserveMiB(host.memoryMiB));
        },
      ),
    );
  });
  it('does not count machines at rest, and refuses more CPUs than there are', () => {
    const resting = held(record({ state: 'stopped', spec: spec({ name: 'x', memoryMiB: 3_000 }) }));
    expect(admit(host, [resting], { cpus: 1, memoryMiB: 2_000 })).toEqual([]);
    expect(admit(host, [], { cpus: 3, memoryMiB: 64 })).toMatchObject([{ field: 'cpus' }]);
  });
});

describe('a plan', () => {
  const capability: Capability = {
    qemu: { path: '/q', version: '7.2' },
    accelerator: 'tcg',
    acceleratorDetail: 'Slow.',
    installCommand: 'install it',
    cpus: 2,
    memoryMiB: 8_192,
    freeDisk: 10 ** 12,
  };
  const image: Image = {
    id: imageIdSchema.parse('debian-12'),
    name: 'Debian 12',
    about: '',
    arch: 'amd64',
    kind: 'cloud',
    state: 'available',
    detail: 'Untried.',
    size: null,
    minMemoryMiB: 512,
    minDiskMiB: 3_072,
    defaultUser: 'debian',
    source: '',
  };
  const closed = planReach(withoutMesh, [], 'on');
  const input = {
    spec: spec({ name: 'db', memoryMiB: 512 }),
    image,
    capability,
    others: [],
    hostName: 'desk',
    mesh: closed,
  };

  it('tells what will happen and what to know', () => {
    const plan = makePlan(input);
    expect(plan.steps.map((s) => s.key)).toEqual(['check', 'image', 'disk', 'config', 'boot', 'ready']);
    expect(plan.warnings.map((w) => w.code)).toEqual(['SLOW', 'DOWNLOAD', 'IMAGE', 'NO_SSH_KEY', 'NO_LOGIN']);
    expect(plan).toMatchObject({ blockers: [], costPerDay: 0, host: { name: 'desk' } });
  });

  it('tells what others reach over the mesh, and takes no opening for somebody unknown', () => {
    const open = planReach(withoutMesh, ['tcp/80', 'tcp/22 from ann'], 'on');
    const plan = makePlan({ ...input, mesh: open });
    expect(plan.mesh).toMatchObject({ state: 'on', openings: [{ rule: 'tcp/80', everybody: true }] });
    expect(plan.mesh.text).toMatch(/Everything else is closed/);
    expect(plan.blockers).toMatchObject([{ code: 'NOT_FOUND', field: 'firewall', text: 'Nobody is known as ann.' }]);
    expect(makePlan(input)).toMatchObject({ mesh: { openings: [] }, blockers: [] });
  });

  it('names every reason against it, with its field and what to do', () => {
    const wanted = spec({ name: 'web-1', memoryMiB: 65_536, diskMiB: 100, cpus: 4 });
    const plan = makePlan({
      ...input,
      spec: wanted,
      others: [held(record())],
      capability: { ...capability, qemu: null },
    });
    const found = plan.blockers.map((b) => `${b.code} ${b.field}`);
    expect(found).toEqual([
      'NO_QEMU null',
      'NAME_TAKEN name',
      'NOT_ENOUGH_RESOURCES diskMiB',
      'NOT_ENOUGH_RESOURCES memoryMiB',
      'NOT_ENOUGH_RESOURCES cpus',
    ]);
    expect(plan.blockers.every((b) => b.next !== '')).toBe(true);
  });
});

describe('the console log', () => {
  it('keeps positions when it is cut, and the newest part readable', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'hypha-console-'));
    try {
      const path = join(dir, 'console.log');
      const log = createConsoleLog(path, 100, 40);
      const all = 'abcdefghij'.repeat(30);
      for (let at = 0; at < all.length; at += 50) {
        await appendFile(path, all.slice(at, at + 50));
        await log.cap();
      }
      expect(await log.end()).toBe(all.length);
      for (const reopened of [log, createConsoleLog(path, 100, 40)]) {
        let at = 0;
        let text = '';
        const begin = await reopened.begin();
        for (let part = await reopened.read(at, 7); part.bytes.length > 0; part = await reopened.read(at, 7)) {
          text += Buffer.from(part.bytes).toString();
          at = part.at;
        }
        expect(text).toBe(all.slice(begin));
        expect(text.length).toBeGreaterThanOrEqual(40);
      }
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});

describe('small readers', () => {
  it('see a prompt only at the end of what was printed', () => {
    expect(showsPrompt('Hypha Micro starts.\r\nweb-1:~# ')).toBe(true);
    expect(showsPrompt('web-1:~# \u001b[6n')).toBe(true);
    expect(showsPrompt('\r\nDebian GNU/Linux 12 db ttyS0\r\n\r\ndb login: ')).toBe(true);
    expect(showsPrompt('[  OK  ] Started login: service\r\nmore')).toBe(false);
    fc.assert(fc.property(fc.string(), (text) => void showsPrompt(text)));
  });

  it('find the forwarded port in what QEMU tells', () => {
    const told =
      'Hub -1 (net0):\r\n  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ\r\n  TCP[HOST_FORWARD]  11       127.0.0.1 33309       10.0.2.15    22     0     0\r\n';
    expect(forwardedPort(told)).toBe(33_309);
    expect(forwardedPort('')).toBeNull();
  });

  it('add up the times of ps', () => {
    expect(parsePsTime('01:02.50')).toBe(62.5);
    expect(parsePsTime('1-01:00:01')).toBe(86_400 + 3_601);
  });

  it('quote an ssh command for the shell', () => {
    expect(shellWord("it's", 'linux')).toBe(`'it'\\''s'`);
    const command = sshCommand(record(), 22, '/my files/known_hosts');
    expect(command).toContain(`'UserKnownHostsFile="/my files/known_hosts"'`);
    expect(command).toContain('StrictHostKeyChecking=yes root@127.0.0.1');
  });
});

describe('a full disk', () => {
  it('is named whoever met it', () => {
    for (const told of [notWritten, notStarted]) {
      const full = { code: 'DISK_FULL', next: expect.stringMatching(/Free/) };
      expect(told(Object.assign(new Error('x'), { code: 'ENOSPC' }))).toMatchObject(full);
      expect(told(Object.assign(new Error('x'), { stderr: 'qemu-img: d: No space left on device' }))).toMatchObject(
        full,
      );
      expect(told(told(Object.assign(new Error('x'), { code: 'EDQUOT' })))).toMatchObject(full);
      const other = new Error('other');
      expect(told(other)).toBe(other);
    }
    expect(isDiskFull(null)).toBe(false);
  });
});

describe('the catalogue that ships with the app', () => {
  it('is well formed, names a checksum file for each image and says which are untried', async () => {
    const entries = await readCatalogue(join(realHost.resources, 'catalogue'));
    expect(entries.map((e) => e.id)).toEqual(expect.arrayContaining(['debian-12', 'ubuntu-24.04', 'alpine-3.22']));
    expect(entries.every((e) => e.base.startsWith('https://'))).toBe(true);
  });
});
