import type { DeviceId } from '#shared/model/ids.ts';

/*
 * The border between what is replicated (registers, their merge, the contents of this vault) and how it travels between the devices of
 * one person. Whoever carries bytes knows nothing of what is in them.
 */

/**
 * The name of a file's bytes, the same on every device of the person: 64 hex digits, HMAC-SHA-256 under a key from the vault root of
 * SHA-256(bytes) || u64 length. So whoever relays or stores one learns nothing of the bytes, and whoever receives them can tell.
 */
export type ContentId = string;

/** A content that is to come here. */
export interface Wanted {
  readonly content: ContentId;
  /** Bytes of the whole. */
  readonly size: number;
  /** Durable bytes of it: go on from there. */
  readonly from: number;
  /** One of the files that wait for it, to be shown. */
  readonly name: string;
}

/** A device of the same person that takes part. */
export interface PeerDevice {
  readonly id: DeviceId;
  readonly name: string;
}

export interface ReplicaState {
  /** Files and folders that are shared with the other devices. */
  readonly entries: number;
  /** Files whose bytes are to come, and how many bytes these are. */
  readonly waiting: { readonly files: number; readonly bytes: number };
  /** Files of this vault that are still to be told of: each is read once. */
  readonly reading: { readonly files: number; readonly bytes: number };
  /** Conflict copies made on this device, since it started. */
  readonly conflicts: number;
  /** Deletions that are kept until every device has heard of them. */
  readonly deletions: number;
  /** Per device: when it last was told all that is known here, and when all that it knows was taken in. */
  readonly devices: readonly {
    readonly id: DeviceId;
    readonly told: number | null;
    readonly heard: number | null;
  }[];
  /** Why nothing goes on, in plain words; null when all is well. */
  readonly problem: { readonly text: string; readonly next: string } | null;
}

/**
 * What this device knows of the tree of files, and the contents of its vault, for the other devices of the person. All throw Fail
 * LOCKED while the vault is locked.
 *
 * A round: one asks with {@link vector}, the other answers with {@link since}, the first does {@link take}, and so on until the answer is
 * null. It may break off anywhere, and messages may be lost, doubled or out of order: nothing is taken wrongly, and the next round
 * goes on.
 */
export interface Replica {
  readonly device: DeviceId;
  /** The others that take part, on or off: a deletion is remembered until all of these have heard of it. */
  setPeers(peers: readonly PeerDevice[]): void;
  /** A question to this peer: what is known here. At most {@link vectorMostBytes}. */
  vector(peer: DeviceId): Uint8Array;
  /**
   * What the peer that asked with this vector lacks, or the first part of it. At most `maxBytes`, which is {@link batchLeastBytes} or more. Null: nothing.
   * @throws Fail BAD_MESSAGE for what is no vector
   */
  since(peer: DeviceId, vector: Uint8Array, maxBytes: number): Uint8Array | null;
  /**
   * Take in what a peer answered. Durable when it resolves. `more`: ask again. @throws Fail BAD_MESSAGE for what is no batch; nothing of
   * it is taken then
   */
  take(peer: DeviceId, batch: Uint8Array): Promise<{ readonly changed: boolean; readonly more: boolean }>;
  /** Called soon after something was written here that others lack, or what is wanted has changed. @returns what ends that */
  onChange(changed: (what: 'told' | 'wanted') => void): () => void;
  /** Contents that are to come, the most wished for first. */
  wants(limit: number): readonly Wanted[];
  /** The length of a content that can be read here; null when it cannot. */
  has(content: ContentId): number | null;
  /** @param length at most 1 MiB; fewer bytes come only at the end @throws Fail NOT_FOUND, DAMAGED */
  read(content: ContentId, offset: number, length: number, signal: AbortSignal): Promise<Uint8Array>;
  /**
   * Bytes of a wanted content, from where `received` is; others are refused by what comes back. What came is kept over restarts (in
   * files sealed under the vault's key). `done`: it is whole, is what it was said to be, and comes into the vault with others soon.
   *
   * @param bytes at most 1 MiB
   * @throws Fail BAD_CONTENT when the whole is not what its id says: all of it is forgotten; NOT_WANTED any more; DISK_FULL; TOO_LARGE
   */
  arrived(
    content: ContentId,
    offset: number,
    bytes: Uint8Array,
  ): Promise<{ readonly received: number; readonly done: boolean }>;
  /** A device that is gone for good: nothing waits for it any more. What it wrote stays. */
  forget(device: DeviceId): void;
  state(): ReplicaState;
  /** All that can be done here without others is done: files are told of, and what came is in the vault. For tests and `sync now`. */
  settled(): Promise<void>;
}

export const vectorMostBytes = 65_536;
export const batchLeastBytes = 65_536;
export const pieceMostBytes = 1024 * 1024;

/** A {@link Replica} that is there while several devices are on. */
export interface Devices {
  /**
   * From now on this vault is kept the same as those of the person's other devices. Before, and after {@link stop}, all stays as it is.
   *
   * @param self this device; its name is in the names of conflict copies
   */
  start(self: PeerDevice, peers: readonly PeerDevice[]): Promise<Replica>;
  /** Stop, and keep what is known. */
  stop(): Promise<void>;
  /** Forget all that is known of other devices. The files stay as they are. */
  leave(): Promise<void>;
}
