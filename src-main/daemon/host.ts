import { systemRandom } from '#core/crypto/random.ts';
import type { Host } from '#core/host.ts';

/** The outside world of an agent that runs under plain Node. */
export function createDaemonHost(resources: string): Host {
  return {
    shell: 'daemon',
    now: Date.now,
    random: systemRandom,
    setTimer(ms, fire) {
      // Node cuts longer waits to 1 ms; nobody waits for 24 days in one piece.
      const timer = setTimeout(fire, Math.min(Math.max(ms, 0), 0x7fff_ffff)).unref();
      return () => clearTimeout(timer);
    },
    keyring: null,
    keyringDetail: 'The headless agent has no access to the operating system’s keyring.',
    resources,
  };
}
