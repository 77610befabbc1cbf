/** Why mesh methods are withheld from some faces. */
export const notForPeers = { peer: 'Peers do not see this agent’s inside.' } as const;
export const personOnly = 'Only a person may do this.';
