import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { posix, win32 } from 'node:path';

export type Arch = 'amd64' | 'arm64';

const systemName: Record<Arch, string> = { amd64: 'qemu-system-x86_64', arm64: 'qemu-system-aarch64' };

/**
 * Where QEMU may be, best first: the setting (a file or its directory), PATH, then the directories that installers use
 * but that a program started from a desktop does not have in its PATH.
 */
export function qemuCandidates(from: {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly arch: Arch;
  readonly setting: string;
}): string[] {
  const windows = from.platform === 'win32';
  const path = windows ? win32 : posix;
  const program = systemName[from.arch] + (windows ? '.exe' : '');
  const known: Partial<Record<NodeJS.Platform, readonly string[]>> = {
    linux: ['/usr/bin', '/usr/local/bin', '/usr/libexec', '/opt/qemu/bin', '/run/current-system/sw/bin', '/snap/bin'],
    darwin: ['/opt/homebrew/bin', '/usr/local/bin', '/opt/local/bin'],
    win32: [
      ...[from.env.ProgramFiles, from.env.ProgramW6432, 'C:\\Program Files'].flatMap((d) => (d ? [`${d}\\qemu`] : [])),
      ...(from.env.LOCALAPPDATA ? [`${from.env.LOCALAPPDATA}\\Programs\\qemu`] : []),
    ],
  };
  const pathVariable = (windows ? (from.env.Path ?? from.env.PATH) : from.env.PATH) ?? '';
  // A relative entry of PATH would mean a different program in every directory.
  const inPath = pathVariable.split(path.delimiter).filter((d) => d !== '' && path.isAbsolute(d));
  const set = from.setting.trim();
  const fromSetting =
    set === '' ? [] : [set, path.join(set, program)].filter((f) => path.basename(f).startsWith('qemu-system'));
  return [
    ...new Set([...fromSetting, ...[...inPath, ...(known[from.platform] ?? [])].map((d) => path.join(d, program))]),
  ];
}

/** The first candidate that is an executable file, or null. */
export async function firstExecutable(candidates: readonly string[]): Promise<string | null> {
  for (const candidate of candidates) {
    try {
      await access(candidate, constants.X_OK);
      if ((await stat(candidate)).isFile()) return candidate;
    } catch {
      // Not there, or not for us: the next one.
    }
  }
  return null;
}

/** qemu-img lies beside the system emulator in every package. */
export function qemuImgBeside(qemu: string, platform: NodeJS.Platform = process.platform): string {
  const path = platform === 'win32' ? win32 : posix;
  return path.join(path.dirname(qemu), platform === 'win32' ? 'qemu-img.exe' : 'qemu-img');
}

/**
 * The one command that installs QEMU. @param release the text of /etc/os-release on Linux ('' elsewhere).
 * Package names: Debian qemu-system-x86 and qemu-utils, Fedora qemu-system-x86-core and qemu-img, Arch qemu-base.
 */
export function installCommand(platform: NodeJS.Platform, release: string, arch: Arch): string {
  if (platform === 'darwin') return 'brew install qemu';
  if (platform === 'win32') return 'winget install SoftwareFreedomConservancy.QEMU';
  const ids = [...release.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap((m) => (m[1] ?? '').split(' '));
  const has = (...names: string[]): boolean => names.some((n) => ids.includes(n));
  const arm = arch === 'arm64';
  if (has('fedora', 'rhel', 'centos')) return `sudo dnf install qemu-system-${arm ? 'aarch64' : 'x86'}-core qemu-img`;
  if (has('arch')) return arm ? 'sudo pacman -S qemu-system-aarch64 qemu-img' : 'sudo pacman -S qemu-base';
  if (has('suse', 'opensuse')) return `sudo zypper install qemu-${arm ? 'arm' : 'x86'} qemu-tools`;
  if (has('alpine')) return `sudo apk add qemu-system-${arm ? 'aarch64' : 'x86_64'} qemu-img`;
  return `sudo apt-get install -y qemu-system-${arm ? 'arm' : 'x86'} qemu-utils`;
}
