/** A real part that tests drive: the program that must be there and the package that brings it. */
export interface Tool {
  /** A command, or a path where it is none. */
  readonly program: string;
  readonly debian: string;
  readonly brew: string | null;
  readonly winget: string | null;
  readonly only?: 'linux';
}

const tools: readonly Tool[] = [
  // Elsewhere Playwright finds the person's own Chrome.
  { program: 'chromium', debian: 'chromium', brew: null, winget: null, only: 'linux' },
  { program: 'qemu-system-x86_64', debian: 'qemu-system-x86', brew: 'qemu', winget: 'SoftwareFreedomConservancy.QEMU' },
  { program: 'qemu-img', debian: 'qemu-utils', brew: 'qemu', winget: 'SoftwareFreedomConservancy.QEMU' },
  // An SSH server and OpenSSH's file server, which is no command; neither package starts anything.
  { program: '/usr/lib/sftp-server', debian: 'openssh-sftp-server', brew: null, winget: null, only: 'linux' },
  { program: 'dropbear', debian: 'dropbear-bin', brew: 'dropbear', winget: null, only: 'linux' },
  // Opens the files that are made for people without Hypha.
  { program: 'age', debian: 'age', brew: 'age', winget: 'FiloSottile.age' },
  { program: 'ssh', debian: 'openssh-client', brew: null, winget: null },
  // The Redis server under its other name: the package redis-server would start a service.
  { program: 'redis-check-rdb', debian: 'redis-tools', brew: 'redis', winget: null },
  // Clients that try the vault's WebDAV server.
  { program: 'litmus', debian: 'litmus', brew: 'litmus', winget: null },
  { program: 'cadaver', debian: 'cadaver', brew: 'cadaver', winget: null },
  { program: 'iptables', debian: 'iptables', brew: null, winget: null, only: 'linux' },
];

/** What is not in PATH and used on this system. */
export function missingTools(platform: string, has: (program: string) => boolean): Tool[] {
  return tools.filter((one) => (one.only ?? platform) === platform && !has(one.program));
}

/** The one command that installs them. */
export function installCommand(platform: string, missing: readonly Tool[]): string {
  const unique = (names: readonly (string | null)[]) => [...new Set(names.filter((name) => name !== null))].join(' ');
  if (platform === 'darwin') return `brew install ${unique(missing.map((one) => one.brew))}`.trim();
  if (platform === 'win32') return `winget install ${unique(missing.map((one) => one.winget))}`.trim();
  return `sudo apt-get install --no-install-recommends ${unique(missing.map((one) => one.debian))}`;
}

/** Files of a Debian package that make it start or schedule something by itself. */
const startsSomething =
  /^\.\/(etc\/init\.d\/[^/]+|(usr\/)?lib\/systemd\/system\/[^/]+\.(service|socket|timer|path)|etc\/cron\.[^/]+\/[^/]+)$/;

/** Carry such a file, yet run nothing that stays: looked at one by one. */
const knownGood: Readonly<Record<string, string>> = {
  'x11-common': 'makes two folders under /tmp at boot',
  'dbus-system-bus-common': 'only the configuration; the package dbus would start the bus',
  procps: 'applies sysctl.conf at boot',
  dpkg: 'a daily copy of its own database',
  'libpam-modules-bin': 'a unit that is off unless pam_namespace is configured',
};

/**
 * Whether a package may be installed by `npm test`: null, or why not. `contents` is what `dpkg-deb --contents` prints.
 * A kernel and anything that starts a service are never installed.
 */
export function objection(name: string, contents: string): string | null {
  if (/^(linux-image|systemd-sysv|grub)/.test(name)) return 'it changes how this computer starts';
  if (name in knownGood) return null;
  const files = contents.split('\n').map((line) =>
    line
      .replace(/ -> .*$/, '')
      .split(/\s+/)
      .slice(5)
      .join(' '),
  );
  const starter = files.find((file) => startsSomething.test(file) && !file.endsWith('.placeholder'));
  return starter === undefined ? null : `it brings ${starter.slice(1)}`;
}
