import { mkdir, readFile, statfs } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Host, Logger } from '#core/host.ts';
import type { Capability } from '#shared/contract/machines.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { MicroArtefact } from './images/micro.ts';
import { createQemuAsker, type Qemu } from './qemu/capability.ts';
import { type Arch, firstExecutable, installCommand, qemuCandidates } from './qemu/locate.ts';
import { probeAccelerator, type Verdict } from './qemu/probe-accelerator.ts';

export interface HostCapability {
  qemu(): Promise<Qemu>;
  /** What the probe found; null while it has not. */
  verdict(): Verdict | null;
  distrust(detail: string): void;
  /** Start the probe in the background unless it ran or runs. */
  probe(refresh: boolean): Promise<void>;
  describe(): Promise<Capability>;
  /** The agent stops: end a probe under way, and wait for it; nothing is written to the cache afterwards. */
  close(): Promise<void>;
  readonly closed: AbortSignal;
}

export interface HostCapabilityOptions {
  readonly host: Host;
  readonly log: Logger;
  readonly arch: Arch;
  /** Where what was found is kept; also the disk whose free space counts. */
  readonly cacheDir: string;
  readonly bootId: string;
  readonly runDir: string;
  readonly locate: () => Promise<string | null>;
  readonly micro: () => Promise<MicroArtefact | null>;
  readonly changed: () => void;
}

export function createHostCapability(options: HostCapabilityOptions): HostCapability {
  const { host, log, arch, cacheDir } = options;
  let verdict: Verdict | null = null;
  let probing: Promise<void> | null = null;

  const closing = new AbortController();
  const ask = createQemuAsker(cacheDir, host, closing.signal);

  const find = async (): Promise<Qemu | null> => {
    const path = await options.locate();
    return path === null ? null : ask(path, false);
  };
  const absent = async (): Promise<string> => {
    const path = await options.locate();
    return path === null
      ? 'QEMU, which runs machines, is not installed on this computer.'
      : `The program ${path} does not answer as QEMU does.`;
  };

  const install = async (): Promise<string> => {
    const release = process.platform === 'linux' ? await readFile('/etc/os-release', 'utf8').catch(() => '') : '';
    return installCommand(process.platform, release, arch);
  };

  async function runProbe(refresh: boolean): Promise<void> {
    const path = await options.locate();
    const [qemu, micro] = [path === null ? null : await ask(path, refresh), await options.micro()];
    if (qemu === null || micro === null || closing.signal.aborted) return;
    await mkdir(cacheDir, { recursive: true, mode: 0o700 });
    verdict = await probeAccelerator({
      qemu,
      kernel: micro.kernel,
      kernelHash: micro.manifest.kernel.sha256,
      arch,
      bootId: options.bootId,
      cacheDir,
      host,
      log,
      refresh,
      runDir: options.runDir,
      signal: closing.signal,
    });
    options.changed();
  }

  return {
    closed: closing.signal,
    async close() {
      closing.abort();
      await probing;
    },
    verdict: () => verdict,
    distrust(detail) {
      verdict = { accelerator: 'tcg', detail };
    },
    async qemu() {
      const found = await find();
      if (found !== null) return found;
      const command = await install();
      throw fail('NO_QEMU', await absent(), {
        meaning: 'Everything else works without it.',
        next: `Run: ${command}`,
        data: { command },
      });
    },
    probe(refresh) {
      if (probing === null && (refresh || verdict === null) && !closing.signal.aborted) {
        probing = runProbe(refresh)
          .catch((error: unknown) => log.warn({ error: String(error) }, 'the accelerator probe failed'))
          .finally(() => {
            probing = null;
          });
      }
      return probing ?? Promise.resolve();
    },
    async describe() {
      const qemu = await find();
      const { bavail, bsize } = await statfs(cacheDir).catch(() => ({ bavail: 0, bsize: 0 }));
      return {
        qemu: qemu === null ? null : { path: qemu.path, version: qemu.version },
        accelerator: qemu === null ? null : (verdict?.accelerator ?? null),
        acceleratorDetail:
          verdict?.detail ??
          (qemu === null
            ? await absent()
            : probing === null
              ? 'It is found out with Hypha Micro, which is not here yet.'
              : 'It is being found out.'),
        installCommand: await install(),
        cpus: cpus().length,
        memoryMiB: Math.floor(totalmem() / (1024 * 1024)),
        freeDisk: bavail * bsize,
      };
    },
  };
}

export const ownArch: Arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
export const machinesCache = (home: string): string => join(home, 'machines-cache');

/** The first QEMU of the setting, PATH and the usual directories. */
export function usualQemu(setting: string): Promise<string | null> {
  const { platform, env } = process;
  return firstExecutable(qemuCandidates({ platform, env, arch: ownArch, setting }));
}
