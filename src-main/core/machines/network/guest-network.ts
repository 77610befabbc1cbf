import type { MeshTraffic } from '#shared/contract/machines.ts';
import type { MeshPlace } from '../ports.ts';
import type { Qmp } from '../qemu/qmp.ts';

export interface NetworkedMachine {
  readonly id: string;
  readonly internet: boolean;
  /** It has a card for the mesh. */
  readonly mesh: boolean;
  /** Openings of its firewall on the mesh. */
  readonly firewall: readonly string[];
}

/** How the guest is to set up one of its cards, where it is told (Hypha Micro); cloud images ask by DHCP. */
export interface GuestNetworkConfig {
  readonly macs: readonly string[];
  /** Its card for the mesh and what it is to be there; null without one, and while the mesh is off. */
  readonly mesh: (MeshPlace & { readonly mac: string }) | null;
  /** Variables of Hypha Micro's start script. */
  readonly micro: Readonly<Record<string, string>>;
}

export interface NetworkCounters {
  /** Bytes into the guest. */
  readonly received: number;
  /** Bytes out of the guest. */
  readonly sent: number;
}

/** A running machine's card for the mesh. */
export interface MeshCard {
  /** Null while the mesh is off. */
  address(): string | null;
  setRules(rules: readonly string[]): Promise<void>;
  traffic(): Promise<MeshTraffic | null>;
}

/** A running machine's network, as the agent holds it. */
export interface NetworkLink {
  /** Loopback port of the agent's listener that leads to the guest's SSH. */
  readonly sshPort: number;
  /** Whether the guest's SSH server has said hello. Never throws. */
  sshAnswers(): Promise<boolean>;
  counters(): NetworkCounters;
  /** Null when it was started without a card for the mesh. */
  readonly mesh: MeshCard | null;
  /** The machine was started with a card for the internet. */
  readonly hasInternetCard: boolean;
  /** Whether it reaches the internet right now: it has the card, and the card is plugged in. */
  readonly internet: boolean;
  /** Plug its internet card in or out; one that was started without the card stays without. */
  setInternet(qmp: Qmp, on: boolean): Promise<void>;
  /** Stop listening and end open connections. */
  close(): Promise<void>;
}

/** What lies under a machine's network cards: {@link slirpNetwork}, and with it the mesh, {@link meshNetwork}. */
export interface GuestNetwork {
  /** There may be cards for the mesh at all. */
  readonly knowsMesh: boolean;
  config(machine: NetworkedMachine): GuestNetworkConfig;
  /** Whether this machine may have a card for the mesh, as far as QEMU knows how. */
  offersMesh(id: string): boolean;
  /** QEMU's options for the cards. */
  arguments(machine: NetworkedMachine): string[];
  /** Take up a running machine; its internet card is plugged in or out as it is to be. @param port preferred listening port, when it is free. */
  attach(machine: NetworkedMachine, qmp: Qmp, port: number | null): Promise<NetworkLink>;
}
