import type { Machine as MachineView, Metrics, Running, Waiting } from '#shared/contract/machines.ts';
import type { Live } from './live.ts';
import type { OpeningWords } from './ports.ts';
import { hostKeyAlias } from './prepare.ts';
import { silentWords } from './pulse.ts';
import type { MachineRecord } from './record.ts';

/** A word of a shell command, quoted where needed. Windows shells understand double quotes. */
export function shellWord(word: string, platform = process.platform): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  return platform === 'win32' ? `"${word.replaceAll('"', '\\"')}"` : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A path as a value of ssh's UserKnownHostsFile: `%` begins a token, and words are split at spaces unless quoted (ssh_config(5)). A
 * Windows path keeps its backslashes: ssh takes one as an escape only before a quote or another backslash.
 */
export function sshPath(path: string): string {
  const plain = path.replaceAll('%', '%%');
  return /[\s"'#]/.test(plain) ? `"${plain.replaceAll('"', '\\"')}"` : plain;
}

/** The command that opens a shell in the machine, knowing its host key beforehand. */
export function sshCommand(record: MachineRecord, port: number, knownHosts: string): string {
  const words = ['ssh', '-p', String(port)];
  if (record.hostKey !== null) {
    words.push('-o', `HostKeyAlias=${hostKeyAlias(record)}`);
    words.push('-o', `UserKnownHostsFile=${sshPath(knownHosts)}`);
    words.push('-o', 'StrictHostKeyChecking=yes');
  }
  words.push(`${record.user}@127.0.0.1`);
  return words.map((w) => shellWord(w)).join(' ');
}

/** What a running machine has now: size and cards from QEMU itself, keys from what was written at its start. */
export function runningOf({ spec, startedWith }: MachineRecord, live: Live): Running {
  return { ...live.size, internet: live.link.internet, sshKeys: (startedWith ?? spec).sshKeys };
}

/** What a running machine has only after its next start: wishes in `spec`, and a place on a mesh that was joined since. */
export function waitingOf({ spec, startedWith }: MachineRecord, running: Running, meshOffered: boolean): Waiting[] {
  const now = { ...running, diskMiB: (startedWith ?? spec).diskMiB };
  const keys = (list: readonly string[]): string => JSON.stringify([...list].sort());
  return [
    ...(['cpus', 'memoryMiB', 'diskMiB', 'internet'] as const).filter((part) => now[part] !== spec[part]),
    ...(meshOffered && !(startedWith?.mesh ?? false) ? (['mesh'] as const) : []),
    ...(keys(now.sshKeys) === keys(spec.sshKeys) ? [] : (['sshKeys'] as const)),
  ];
}

function meshOf(live: Live | null): MachineView['mesh'] {
  const address = live?.link.mesh?.address() ?? null;
  return address === null ? null : { address };
}

export function viewOf(
  record: MachineRecord,
  live: Live | null,
  metrics: Metrics | null,
  knownHosts: string,
  diskUsed: number,
  meshOffered: boolean,
  words: OpeningWords,
): MachineView {
  const openings = record.spec.firewall.map((rule) => words.showRule(rule));
  const { id, state, detail, accelerator, createdAt, startedAt, ready, hostKey } = record;
  const port = live?.link.sshPort;
  const running = live === null ? null : runningOf(record, live);
  return {
    id,
    spec: { ...record.spec, firewall: openings.map(({ rule }) => rule) },
    running,
    waiting: running === null ? [] : waitingOf(record, running, meshOffered),
    state,
    detail: live?.silent ? [silentWords, detail].filter(Boolean).join(' ') : detail,
    accelerator: live === null ? null : accelerator,
    createdAt,
    startedAt: live === null ? null : startedAt,
    ready: live !== null && ready,
    ssh:
      port === undefined
        ? null
        : { host: '127.0.0.1', port, user: record.user, command: sshCommand(record, port, knownHosts) },
    mesh: meshOf(live),
    openings,
    hostKey,
    snapshots: record.snapshots.map(({ name, at, memory, size }) => ({ name, at, memory, size })),
    metrics,
    diskUsed,
  };
}
