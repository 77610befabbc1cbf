/** Who talks to us in sessions. Asked when a peer is first met; `policyChanged` has it asked again. */
export interface SessionPolicy {
  /**
   * The whole public key (32 bytes) of the contact that is known to run Hypha and answers for this address; null for
   * everybody else. With such a contact nothing goes or comes outside a session, and nobody else's key is believed for its
   * /64: this is what keeps an attacker on the path from having the two fall back to no session at all.
   */
  required(address: Uint8Array): Uint8Array | null;
  /** Whether sessions are offered to, and accepted from, somebody else. */
  offered(publicKey: Uint8Array): boolean;
}

/** Sessions with everybody who speaks them, required of nobody. */
export const opportunistic: SessionPolicy = { required: () => null, offered: () => true };
