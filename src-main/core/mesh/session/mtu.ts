import { meshMtu } from '../wire/mtu.ts';
import { secureMtu } from './secure-layer.ts';

/** The largest packet of this computer's IP stack and machines: room is left for a session, whether there is one or not. */
export const hostMtu = secureMtu(meshMtu);

/**
 * The largest to a node at the other end of a link of ours. A stream carries packets of any size, and sealing costs by the packet: so
 * TCP between two Hyphas that are neighbours goes in few large ones. Never over others' links: one of a daemon's that goes over QUIC
 * ends at a packet that does not fit into a datagram. Who wants small ones, as every kernel behind a daemon does, says so in its SYN.
 */
export const neighbourMtu = 16_384;
