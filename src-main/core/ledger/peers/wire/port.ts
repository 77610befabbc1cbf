/** Where on the mesh address a Hypha answers contacts about its ledger (docs/formats/ledger-peers.md). */
export const ledgerPort = 9913;
