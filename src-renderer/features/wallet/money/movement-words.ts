import type { Movement } from '#shared/contract/wallet/movements.ts';
import type { Tone } from '../../../ui/state.tsx';

/** How a movement stands, as a tone; its word is `wallet.movement.STATE`. */
export const movementTone: Readonly<Record<Movement['state'], Tone>> = {
  sending: 'waiting',
  waiting: 'waiting',
  included: 'active',
  done: 'ok',
  failed: 'failed',
  refused: 'failed',
  replaced: 'idle',
  lost: 'failed',
};
