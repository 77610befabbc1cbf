import { meshMtu } from '../wire/mtu.ts';
import { secureMtu } from './secure-layer.ts';

/** The largest packet of this computer's IP stack and machines: room is left for a session, whether there is one or not. */
export const hostMtu = secureMtu(meshMtu);
