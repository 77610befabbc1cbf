/** Largest IPv6 packet that an IP stack may put into the mesh: the TUN of Mycelium daemons, which may be at the other end, has this MTU. */
export const meshMtu = 1400;
