import { systemRandom } from '#core/crypto/random.ts';
import type { RemoteDeps } from '../deps.ts';
import { setRealTimer } from './real-timer.ts';

export const realDeps: RemoteDeps = {
  host: { setTimer: setRealTimer, random: systemRandom, now: Date.now },
};
