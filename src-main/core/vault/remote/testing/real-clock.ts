import { systemRandom } from '#core/crypto/random.ts';
import type { Clock } from '../timing.ts';

/** Time as it is, for tests against real servers. */
export const realClock: Clock = {
  now: () => Date.now(),
  random: systemRandom,
  setTimer(ms, fire) {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
};
