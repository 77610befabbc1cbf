import { fail } from '#shared/rpc/fail.ts';
import { attachSoon } from './console/console.ts';
import { lastLines } from './context.ts';
import { type Live, sizeOf, watchLive } from './live.ts';
import type { MachineCore } from './machine-core.ts';
import type { NetworkLink } from './network/guest-network.ts';
import { watchPulse } from './pulse.ts';
import { endpoint } from './qemu/endpoint.ts';
import { endMachine, isAlive, type KnownProcess, killMachine, removeRunPlace } from './qemu/launch.ts';
import type { Qmp } from './qemu/qmp.ts';
import { waitReady } from './readiness.ts';

/** Forget the running process: it is gone. */
export async function letGo(core: MachineCore): Promise<void> {
  const { context, id, console } = core;
  const { runDir } = context;
  const was = core.live;
  core.live = null;
  console.detach();
  if (was !== null) was.released = true;
  was?.qmp.destroy();
  await was?.link.close();
  if (was !== null) await removeRunPlace(runDir, id);
}

/** The guest has switched itself off: end what is left of it. */
export async function noteSwitchedOff(core: MachineCore, qmp: Qmp, process: KnownProcess): Promise<void> {
  const { host, runDir } = core.context;
  await endMachine(qmp, process, runDir, core.id, host);
  await letGo(core);
  await core.settle({
    state: 'stopped',
    detail: 'It switched itself off.',
    wanted: 'stopped',
    process: null,
    ready: false,
  });
}

/** Take up a connected machine: console, network, watching for its end. */
export async function takeUp(core: MachineCore, known: KnownProcess, qmp: Qmp): Promise<Live> {
  const { context, id, console } = core;
  const { host, runDir } = context;
  let link: NetworkLink | null = null;
  try {
    await attachSoon(console, endpoint(runDir, id, core.record.pipeKey, 'serial'), host);
    const { spec, startedWith, sshPort } = core.record;
    const cards = { id, internet: spec.internet, mesh: startedWith?.mesh ?? false, firewall: spec.firewall };
    link = await context.network.attach(cards, qmp, sshPort);
    const size = await sizeOf(qmp, spec);
    if (core.released) throw fail('BUSY', 'Hypha is stopping.');
    const now = watchLive(qmp, known, link, {
      id,
      uuid: core.record.uuid,
      pipeKey: core.record.pipeKey,
      runDir,
      host,
      console,
      size,
      onPaused: (paused) => void noticePaused(core, now, paused).catch(() => {}),
    });
    core.live = now;
    void watchEnd(core, now);
    void watchPulse(now, host, () => context.changed(id));
    return now;
  } catch (error) {
    console.detach();
    qmp.destroy();
    await link?.close();
    throw error;
  }
}

/** QEMU paused or resumed the guest by itself; snapshots do both within one exclusive action, which ends as it began. */
function noticePaused(core: MachineCore, of: Live, paused: boolean): Promise<void> {
  return core.exclusive(async () => {
    if (
      core.live !== of ||
      of.ending ||
      of.hasPoweredOff ||
      of.hasGone ||
      !['running', 'paused'].includes(core.record.state)
    )
      return;
    const status = (await of.qmp.execute('query-status').catch(() => null)) as { status?: string } | null;
    of.stuck = status?.status === 'io-error';
    const wanted = status?.status === 'paused' || status?.status === 'io-error' ? 'paused' : 'running';
    if (status === null || wanted === core.record.state || (wanted === 'paused') !== paused) return;
    const detail =
      status.status === 'io-error'
        ? 'Its disk could not be written: this computer’s disk may be full. Free space, then resume it.'
        : '';
    await core.settle({ state: wanted, detail });
  });
}

/** Whatever ends a machine outside of our own actions is recorded here. */
async function watchEnd(core: MachineCore, of: Live): Promise<void> {
  const { context, id, paths } = core;
  const { host, log, runDir } = context;
  await Promise.race([of.gone, of.poweredOff]);
  if (core.released) return;
  await core
    .exclusive(async () => {
      if (core.live !== of || of.ending || core.released) return;
      of.ending = true;
      if (of.hasPoweredOff) {
        await noteSwitchedOff(core, of.qmp, of.process);
        return;
      }
      const hung = await isAlive(of.process);
      if (hung) await killMachine(of.process, runDir, id, host);
      await letGo(core);
      const said = await lastLines(paths.qemuLog, 3);
      const ended = said
        ? `QEMU ended unexpectedly. It said: ${said} Start it again to go on.`
        : 'QEMU ended unexpectedly. Start it again to go on.';
      const detail = hung ? 'QEMU no longer answered and was ended. Start it again to go on.' : ended;
      await core.settle({ state: 'crashed', detail, process: null, ready: false });
    })
    .catch((error: unknown) =>
      log.error({ machine: id, error: String(error) }, 'the end of a machine was not recorded'),
    );
}

/** Take note when the guest has answered. Never throws: a machine that was deleted meanwhile is nobody's failure. */
export async function noticeReady(core: MachineCore, of: Live): Promise<void> {
  const { context, console } = core;
  const ready = await waitReady(context, of, console, new AbortController().signal);
  if (!ready || core.released) return;
  const note = async (): Promise<void> => {
    if (core.live === of && !core.record.ready) await core.settle({ ready: true });
  };
  await core.exclusive(note).catch(() => {});
}
