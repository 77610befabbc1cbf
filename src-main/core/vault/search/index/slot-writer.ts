import { closeSync, fsyncSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { createSlotSeal, type SlotSeal, type StreamId, segmentHeader, slotBytes, streams } from './slots.ts';
import type { ByteWriter } from './varint.ts';

/** Sealed slots gathered before they are written. */
const atOnce = 64;

/** What is known of a stream once all of it is written. */
export interface WrittenStream {
  readonly length: number;
  /** The slot of each block. */
  readonly slots: readonly number[];
}

interface Growing {
  readonly id: StreamId;
  readonly block: Uint8Array;
  fill: number;
  length: number;
  readonly slots: number[];
}

/**
 * Writes a segment file: streams grow side by side, each full block becomes the next slot. Nothing is at the file's name before
 * everything is durable. Plain system calls: it runs in a thread of its own.
 */
export class SlotWriter {
  readonly #seal: SlotSeal;
  readonly #part: string;
  readonly #path: string;
  readonly #fd: number;
  readonly #growing = new Map<StreamId, Growing>();
  readonly #ready: Uint8Array[] = [];
  #slot = 0;

  constructor(path: string, indexKey: Uint8Array, id: Uint8Array) {
    this.#seal = createSlotSeal(indexKey, id);
    this.#path = path;
    this.#part = `${path}.part`;
    this.#fd = openSync(this.#part, 'wx', 0o600);
    this.#ready.push(segmentHeader(id));
  }

  /** Bytes of a stream so far. */
  length(id: StreamId): number {
    return this.#growing.get(id)?.length ?? 0;
  }

  append(id: StreamId, bytes: Uint8Array): void {
    const stream = this.#stream(id);
    stream.length += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      const n = Math.min(bytes.length - at, slotBytes - stream.fill);
      stream.block.set(bytes.subarray(at, at + n), stream.fill);
      stream.fill += n;
      at += n;
      if (stream.fill === slotBytes) this.#close(stream);
    }
  }

  /** The end of a stream; after this it takes no more. */
  end(id: StreamId): WrittenStream {
    const stream = this.#stream(id);
    if (stream.fill > 0) this.#close(stream);
    return stream;
  }

  /** Write the root and give the file its name; it is durable when this returns. @returns bytes of the file */
  finish(root: ByteWriter): number {
    if (root.length > slotBytes) throw new RangeError('the root does not fit a slot');
    const plain = new Uint8Array(slotBytes);
    plain.set(root.view());
    this.#ready.push(this.#seal.seal(this.#slot, streams.root, 0, plain));
    this.#slot++;
    this.#flush();
    fsyncSync(this.#fd);
    closeSync(this.#fd);
    renameSync(this.#part, this.#path);
    syncDirectory(dirname(this.#path));
    return this.#slot * (slotBytes + 16) + 32;
  }

  /** Give it up: nothing is left of it. */
  discard(): void {
    try {
      closeSync(this.#fd);
    } catch {
      // Closed already.
    }
    try {
      unlinkSync(this.#part);
    } catch {
      // Renamed already, or gone; the next start removes what is left.
    }
  }

  #stream(id: StreamId): Growing {
    let stream = this.#growing.get(id);
    if (!stream) {
      stream = { id, block: new Uint8Array(slotBytes), fill: 0, length: 0, slots: [] };
      this.#growing.set(id, stream);
    }
    return stream;
  }

  #close(stream: Growing): void {
    stream.block.fill(0, stream.fill);
    this.#ready.push(this.#seal.seal(this.#slot, stream.id, stream.slots.length, stream.block));
    stream.slots.push(this.#slot++);
    stream.block.fill(0);
    stream.fill = 0;
    if (this.#ready.length >= atOnce) this.#flush();
  }

  #flush(): void {
    for (const bytes of [Buffer.concat(this.#ready.splice(0))]) {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    }
  }
}

function syncDirectory(path: string): void {
  // Windows cannot open a directory to sync it, and keeps renames itself.
  if (process.platform === 'win32') return;
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
