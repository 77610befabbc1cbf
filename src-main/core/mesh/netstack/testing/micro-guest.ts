import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandom } from '#core/crypto/random.ts';
import { joinSegments } from '#core/machines/images/cpio.ts';
import { microConfigSegment } from '#core/machines/images/micro-config.ts';
import { microManifestSchema } from '#core/machines/images/micro-manifest.ts';
import { microCache } from '#core/machines/images/micro-places.ts';
import { dropbearHostKey } from '#core/machines/images/ssh-host-key.ts';
import { firstExecutable, qemuCandidates } from '#core/machines/qemu/locate.ts';
import { GuestCable } from '../ethernet/guest-cable.ts';
import { formatAddress } from '../ip/address.ts';
import { NetStack } from '../stack.ts';
import { guestScript } from './guest-script.ts';
import { realClock } from './memory-link.ts';
import { address, addressA } from './pair.ts';
import { Dice } from './random.ts';

/** A virtual machine with Linux in it, and our stack at the other end of its network cable. */
export interface MicroGuest {
  readonly stack: NetStack;
  readonly address: Uint8Array;
  /** Share of packets lost in each direction, from now on. */
  setLoss(share: number): void;
  /** What the machine has printed so far. */
  console(): Promise<string>;
  close(): Promise<void>;
}

export interface GuestOptions {
  /** Seed of the machine's SSH host key, 32 bytes, and lines of authorized_keys. */
  readonly hostKey: Uint8Array;
  readonly sshKeys: readonly string[];
}

const guestMac = Uint8Array.of(0x52, 0x54, 0, 0, 0, 1);
const router = { mac: Uint8Array.of(0x52, 0x54, 0, 0, 0, 0xfe), address: address('fe80::1'), mtu: 1400 };
const guestAddress = address('500:b::2');
const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';

async function qemu(): Promise<string | null> {
  return firstExecutable(qemuCandidates({ platform: process.platform, env: process.env, arch, setting: '' }));
}

async function manifest() {
  const text = await readFile(join(microCache(), arch, 'manifest.json'), 'utf8').catch(() => 'null');
  const parsed = microManifestSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : null;
}

/** Why no guest can be started here, or null. */
export async function missingGuestParts(): Promise<string | null> {
  if (process.platform === 'win32') return 'Node has no unix sockets on Windows';
  if ((await qemu()) === null) return 'QEMU is not installed';
  return (await manifest()) === null ? 'Hypha Micro is not built (npm run build:micro)' : null;
}

/** Start one. It is on when the guest has called home at READY_PORT; listen there at once. */
export async function startGuest(options: GuestOptions): Promise<MicroGuest> {
  const [program, micro] = [await qemu(), await manifest()];
  if (program === null || micro === null) throw new Error('no QEMU or no Hypha Micro');
  const dir = await mkdtemp(join(tmpdir(), 'hy-net-'));
  const segment = microConfigSegment({
    hostName: 'peer',
    sshKeys: options.sshKeys,
    userData: guestScript(formatAddress(addressA)),
    hostKey: dropbearHostKey(options.hostKey),
    network: { MAC: '52:54:00:00:00:01', ADDRESS: `${formatAddress(guestAddress)}/128` },
  });
  const base = join(microCache(), arch);
  const initrd = join(dir, 'initrd');
  await writeFile(initrd, joinSegments(await readFile(join(base, micro.initrd.file)), segment));
  const dice = new Dice(20_261_122);
  let loss = 0;
  let toGuest: (packet: Uint8Array) => void = () => {};
  const stack = new NetStack({
    ...{ address: addressA, mtu: 1400, clock: realClock, random: systemRandom },
    output: (packet) => {
      if (!dice.chance(loss)) toGuest(packet);
    },
  });
  const path = join(dir, 'cable');
  const { server, socket } = await cableSocket(path, (arrived) => {
    const cable = new GuestCable({
      ...{ router, guestMac, write: (bytes) => void arrived.write(bytes) },
      onPackets: (packets) => stack.input(packets.filter(() => !dice.chance(loss))),
    });
    toGuest = (packet) => cable.send(packet);
    arrived.on('data', (chunk) => {
      if (!cable.input(chunk)) arrived.destroy();
    });
  });
  const log = join(dir, 'console.log');
  const child = spawn(
    program,
    [
      ...['-machine', arch === 'amd64' ? 'q35' : 'virt', '-accel', 'tcg', '-cpu', 'max', '-m', '128M', '-nodefaults'],
      ...['-no-user-config', '-display', 'none', '-no-reboot', '-serial', `file:${log}`],
      ...[
        '-kernel',
        join(base, micro.kernel.file),
        '-initrd',
        initrd,
        '-append',
        `console=${consoleName} quiet panic=-1`,
      ],
      ...['-netdev', `stream,id=net0,server=off,addr.type=unix,addr.path=${path}`],
      ...['-device', 'virtio-net-pci,netdev=net0,mac=52:54:00:00:00:01,romfile='],
      ...['-device', 'virtio-rng-pci'],
    ],
    { stdio: 'ignore' },
  );
  return {
    stack,
    address: guestAddress,
    setLoss: (share) => {
      loss = share;
    },
    console: () => readFile(log, 'utf8').catch(() => ''),
    async close() {
      stack.close();
      await ended(child);
      socket()?.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(dir, { recursive: true, force: true });
    },
  };
}

const consoleName = arch === 'amd64' ? 'ttyS0' : 'ttyAMA0';

/** Wait at a unix socket for QEMU, which connects while it starts. */
async function cableSocket(
  path: string,
  onSocket: (socket: Socket) => void,
): Promise<{ server: Server; socket: () => Socket | null }> {
  let current: Socket | null = null;
  const server = createServer((socket) => {
    current = socket;
    socket.on('error', () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return { server, socket: () => current };
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
