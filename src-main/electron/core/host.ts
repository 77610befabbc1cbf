import { systemRandom } from '#core/crypto/random.ts';
import type { Host, Keyring } from '#core/host.ts';
import type { ShellContract } from '#shared/contract/shell.ts';
import type { Client } from '#shared/rpc/contract.ts';

/** The outside world of the agent inside Electron; what only the main process can reach goes over `shell`. */
export async function createElectronHost(shell: Client<ShellContract>, resources: string): Promise<Host> {
  const { usable, detail } = await shell['shell.keyring']({});
  const keyring: Keyring = {
    seal: async (plain) => (await shell['shell.seal']({ plain })).sealed,
    open: async (sealed) => (await shell['shell.open']({ sealed })).plain,
  };
  return {
    shell: 'electron',
    now: Date.now,
    random: systemRandom,
    setTimer(ms, fire) {
      // Node cuts longer waits to 1 ms; nobody waits for 24 days in one piece.
      const timer = setTimeout(fire, Math.min(Math.max(ms, 0), 0x7fff_ffff)).unref();
      return () => clearTimeout(timer);
    },
    keyring: usable ? keyring : null,
    keyringDetail: detail,
    resources,
  };
}
