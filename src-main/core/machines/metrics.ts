import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Host } from '#core/host.ts';
import type { MeshTraffic, Metrics } from '#shared/contract/machines.ts';
import type { NetworkCounters } from './network/guest-network.ts';
import { askSystem } from './qemu/ask-system.ts';
import { parseStat } from './qemu/process.ts';
import type { Qmp } from './qemu/qmp.ts';

/** Clock ticks a second in /proc/PID/stat: 100 on every Linux that Node runs on (USER_HZ). */
const ticksPerSecond = 100;

const blockSchema = z.array(z.object({ stats: z.object({ rd_bytes: z.number(), wr_bytes: z.number() }) }));
const guestSchema = z.object({
  'last-update': z.number(),
  stats: z.object({ 'stat-total-memory': z.number(), 'stat-available-memory': z.number() }),
});

export interface Sampled {
  readonly pid: number;
  readonly cpus: number;
  readonly qmp: Qmp;
  readonly network: NetworkCounters;
  readonly mesh: MeshTraffic | null;
}

/** CPU seconds and resident bytes of a process; null when it is gone. */
export async function processUse(
  pid: number,
  platform = process.platform,
): Promise<{ cpuSeconds: number; memory: number } | null> {
  try {
    if (platform === 'linux') {
      const stat = parseStat(await readFile(`/proc/${pid}/stat`, 'utf8'));
      const rss = /^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
      return stat === null ? null : { cpuSeconds: stat.cpuTicks / ticksPerSecond, memory: Number(rss ?? 0) * 1024 };
    }
    if (platform === 'win32') {
      const script = `$p = Get-Process -Id ${pid}; $p.CPU; $p.WorkingSet64`;
      const said = await askSystem('powershell', ['-NoProfile', '-Command', script]);
      const [cpu, memory] = said.trim().split(/\r?\n/);
      return { cpuSeconds: Number(cpu), memory: Number(memory) };
    }
    const said = await askSystem('ps', ['-o', 'time=,rss=', '-p', String(pid)]);
    const [time, rss] = said.trim().split(/\s+/);
    return { cpuSeconds: parsePsTime(time ?? ''), memory: Number(rss) * 1024 };
  } catch {
    return null;
  }
}

/** `[[DD-]HH:]MM:SS[.ff]`, as ps prints it. */
export function parsePsTime(text: string): number {
  const [days, rest] = text.includes('-') ? text.split('-', 2) : ['0', text];
  return (rest ?? '').split(':').reduce((sum, part) => sum * 60 + (Number(part) || 0), 0) + Number(days) * 86_400;
}

/** Take one sample; `before` gives the share of CPU since then. Null when the process is gone. */
export async function sample(from: Sampled, host: Host, before: Metrics | null): Promise<Metrics | null> {
  const use = await processUse(from.pid);
  if (use === null) return null;
  const at = host.now();
  // A QEMU that is busy (it answers nobody while it keeps a snapshot's memory) is not asked again and again.
  const ask = async (command: string, args: Record<string, unknown>): Promise<unknown> =>
    from.qmp.overdue > 0 ? null : from.qmp.execute(command, args, 2_000).catch(() => null);
  const blocks = blockSchema.safeParse(await ask('query-blockstats', {}));
  const guest = guestSchema.safeParse(
    await ask('qom-get', { path: '/machine/peripheral/balloon0', property: 'guest-stats' }),
  );
  const passed = before === null ? 0 : (at - before.at) / 1000;
  const used = before === null ? 0 : use.cpuSeconds - before.cpuSeconds;
  const told = guest.success && guest.data['last-update'] > 0 ? guest.data.stats : null;
  // The guest driver reports 2^64-1 for what it does not know.
  const guestMemory = told === null ? null : told['stat-total-memory'] - told['stat-available-memory'];
  const sum = (key: 'rd_bytes' | 'wr_bytes', otherwise = 0): number =>
    blocks.success ? blocks.data.reduce((n, b) => n + b.stats[key], 0) : otherwise;
  return {
    at,
    cpuSeconds: use.cpuSeconds,
    cpu: passed > 0 ? Math.min(1, Math.max(0, used / passed / from.cpus)) : 0,
    memory: Math.round(use.memory),
    guestMemory: guestMemory !== null && guestMemory >= 0 && guestMemory < 2 ** 53 ? Math.round(guestMemory) : null,
    diskRead: sum('rd_bytes', before?.diskRead),
    diskWritten: sum('wr_bytes', before?.diskWritten),
    netReceived: from.network.received + (from.mesh?.received.bytes ?? 0),
    netSent: from.network.sent + (from.mesh?.sent.bytes ?? 0),
    mesh: from.mesh,
  };
}

/** Ask the guest's balloon driver to report memory every second (0: no more). */
export async function pollGuestMemory(qmp: Qmp, seconds: number): Promise<void> {
  await qmp
    .execute('qom-set', {
      path: '/machine/peripheral/balloon0',
      property: 'guest-stats-polling-interval',
      value: seconds,
    })
    .catch(() => {});
}
