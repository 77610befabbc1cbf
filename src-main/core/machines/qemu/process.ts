import { readdir, readFile } from 'node:fs/promises';
import { askSystem } from './ask-system.ts';

/** What tells one process from another that later gets the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the system's own terms (clock ticks since boot on Linux); only compared for equality. */
  readonly startTime: string;
  readonly command: string;
}

/** The live process with this number, or null when there is none (or only its corpse). */
export async function identify(pid: number, platform = process.platform): Promise<ProcessIdentity | null> {
  if (!Number.isSafeInteger(pid) || pid <= 1) return null;
  if (platform === 'linux') return identifyLinux(pid);
  try {
    if (platform === 'win32') {
      const script = `$p = Get-CimInstance Win32_Process -Filter "ProcessId=${pid}"; if ($p) { $p.CreationDate.ToFileTimeUtc(); $p.CommandLine }`;
      const said = await askSystem('powershell', ['-NoProfile', '-Command', script]);
      const [startTime, ...command] = said.trim().split(/\r?\n/);
      return startTime ? { pid, startTime, command: command.join(' ') } : null;
    }
    const args = ['-ww', '-o', 'lstart=,command=', '-p', String(pid)];
    const said = await askSystem('ps', args, { env: { ...process.env, LC_ALL: 'C' } });
    // lstart is always 24 characters: "Sun Nov 22 18:04:01 2026".
    const line = said.trim();
    return line === '' ? null : { pid, startTime: line.slice(0, 24), command: line.slice(24).trim() };
  } catch {
    return null;
  }
}

async function identifyLinux(pid: number): Promise<ProcessIdentity | null> {
  try {
    const status = parseStat(await readFile(`/proc/${pid}/stat`, 'utf8'));
    if (status === null || status.state === 'Z' || status.state === 'X') return null;
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
    return { pid, startTime: status.startTime, command };
  } catch {
    return null;
  }
}

/** The fields used of /proc/PID/stat (proc(5)); the program's name may hold spaces and brackets, so count from the last ")". */
export function parseStat(text: string): { state: string; startTime: string; cpuTicks: number } | null {
  const end = text.lastIndexOf(')');
  if (end < 0) return null;
  const fields = text.slice(end + 2).split(' ');
  const [state, startTime] = [fields[0], fields[19]];
  const cpuTicks = Number(fields[11]) + Number(fields[12]);
  if (state === undefined || startTime === undefined || !Number.isFinite(cpuTicks)) return null;
  return { state, startTime, cpuTicks };
}

/** Every live process whose command line contains `mark` (a path in our own run directory), found without its number. */
export async function findByCommand(mark: string, platform = process.platform): Promise<ProcessIdentity[]> {
  if (platform === 'linux') {
    const pids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name)).map(Number);
    const all = await Promise.all(pids.map((pid) => identifyLinux(pid)));
    return all.filter((p): p is ProcessIdentity => p?.command.includes(mark) === true && p.pid !== process.pid);
  }
  const [program, args] =
    platform === 'win32'
      ? ([
          'powershell',
          [
            '-NoProfile',
            '-Command',
            'Get-CimInstance Win32_Process -Filter "Name like \'qemu%\'" | % { "$($_.ProcessId) $($_.CommandLine)" }',
          ],
        ] as const)
      : (['ps', ['-axww', '-o', 'pid=,command=']] as const);
  const said = await askSystem(program, args).catch(() => '');
  const pids = said
    .split('\n')
    .filter((line) => line.includes(mark))
    .map((line) => Number.parseInt(line, 10));
  const all = await Promise.all(pids.filter((pid) => pid !== process.pid).map((pid) => identify(pid, platform)));
  return all.filter((p): p is ProcessIdentity => p !== null);
}

/** Whether this command line is a QEMU: nothing else is ever killed, whatever its arguments say. */
export function isQemu(command: string): boolean {
  return /(^|[\\/"])qemu-system-[a-z0-9_]+(\.exe)?["\s]/i.test(`${command} `);
}

let knownBoot: Promise<string> | undefined;

/** An id of this start of the computer: after a reboot every recorded process number is void. */
export function bootId(platform = process.platform): Promise<string> {
  knownBoot ??= readBootId(platform);
  return knownBoot;
}

async function readBootId(platform: NodeJS.Platform): Promise<string> {
  try {
    if (platform === 'linux') return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    if (platform === 'darwin') return (await askSystem('sysctl', ['-n', 'kern.bootsessionuuid'])).trim();
    const script = '(Get-CimInstance Win32_OperatingSystem).LastBootUpTime.ToFileTimeUtc()';
    return (await askSystem('powershell', ['-NoProfile', '-Command', script])).trim();
  } catch {
    return 'unknown';
  }
}
