import type { z } from 'zod';
import type { Caller, Handlers } from '#core/broker/handlers.ts';
import { freeNow } from '#core/crypto/free.ts';
import { randomId } from '#core/crypto/ids.ts';
import type { uploadIdSchema, vaultContract } from '#shared/contract/vault.ts';
import { fail } from '#shared/rpc/fail.ts';
import { type Clash, commitOne, newItemId } from '../commit.ts';
import type { Core, Session } from '../core.ts';
import { notFound, throwIfAborted } from '../failures.ts';
import { readBytes } from '../pool/arena.ts';
import type { Ingested, PushedSource } from '../store/ingest.ts';
import { type Describer, folderId } from './describe.ts';

type UploadId = z.infer<typeof uploadIdSchema>;
interface Uploads {
  readonly handlers: Pick<
    Handlers<typeof vaultContract>,
    'vault.uploadOpen' | 'vault.uploadWrite' | 'vault.uploadCommit' | 'vault.uploadAbort'
  >;
  /** A connection has ended: give up what it was sending. Nobody else has the bytes. */
  disconnected(connection: string): void;
}

/** Uploads that bytes come for, at a time. */
const maxActive = 8;
/** Those that wait (paused, perhaps) too: each may hold some MiB that came and were not read yet. */
const maxUploads = 24;
/** One that no bytes came for so long is not taken for under way. */
export const uploadPausedMs = 10_000;
const maxWrite = 1024 * 1024;
/** An upload that nobody writes to for this long is given up. */
export const uploadIdleMs = 10 * 60_000;

interface Upload {
  /** Who sends it; nobody else may. */
  readonly connection: string;
  readonly into: string | null;
  readonly path: readonly string[];
  readonly size: number;
  readonly modified: number;
  readonly clash: Clash;
  readonly pipe: Pipe;
  readonly ingested: Promise<Ingested>;
  received: number;
  used: number;
  /** Being committed. */
  busy: boolean;
  /** Given up while it was being committed. */
  givenUp: boolean;
}

const gone = () =>
  fail('NOT_FOUND', 'This upload is not known (any more).', {
    meaning: 'Nothing of it is in the vault.',
    next: 'Upload the file again.',
  });

/**
 * Files whose bytes the interface sends piece by piece, in order. An upload lives no longer than the connection that
 * sends it, and not past a lock.
 */
export function createUploads(core: Core, describe: Describer): Uploads {
  const uploads = new Map<string, Upload>();

  const giveUp = (id: string): void => {
    const upload = uploads.get(id);
    if (!upload) return;
    uploads.delete(id);
    upload.givenUp = true;
    upload.pipe.fail(gone());
    // Its chunks stay pinned while a commit may still refer to them; that lets go of them when it ends.
    if (!upload.busy) upload.ingested.then((done) => done.release()).catch(() => {});
  };
  const giveUpAll = (which: (upload: Upload) => boolean): void => {
    for (const [id, upload] of [...uploads]) if (which(upload)) giveUp(id);
  };
  const sweep = (): void => {
    giveUpAll(({ busy, used }) => !busy && core.deps.host.now() - used > uploadIdleMs);
  };
  core.onLock(() => giveUpAll(() => true));

  const find = (id: string, { connection }: Caller): Upload => {
    sweep();
    const upload = uploads.get(id);
    if (!upload || upload.busy || upload.connection !== connection) throw gone();
    upload.used = core.deps.host.now();
    return upload;
  };

  const handlers: Uploads['handlers'] = {
    async 'vault.uploadOpen'(input, { caller, signal }) {
      core.root();
      const session = await core.session();
      // Whoever asked has gone meanwhile: nobody would send it, or give it up.
      throwIfAborted(signal);
      sweep();
      const into = folderId(input.into);
      session.tree.children(into);
      if (input.clash === 'skip' && existing(session, into, input.path)) {
        return { upload: randomId(core.deps.host.random) as UploadId, skipped: true };
      }
      const now = core.deps.host.now();
      const active = [...uploads.values()].filter(({ busy, used }) => busy || now - used < uploadPausedMs);
      if (active.length >= maxActive) {
        throw fail('TOO_MANY_UPLOADS', `${active.length} uploads are under way already.`, {
          next: 'Wait for one to finish.',
        });
      }
      if (uploads.size >= maxUploads) {
        throw fail('TOO_MANY_UPLOADS', `${uploads.size} uploads were begun, and most of them are paused.`, {
          next: 'Let some go on, or cancel them. What is paused for 10 minutes is given up.',
        });
      }
      const id = randomId(core.deps.host.random);
      const pipe = createPipe();
      const ingested = session.ingest.file(
        input.size,
        () => pipe.source,
        () => {},
        session.signal,
      );
      ingested.catch(() => {});
      const { path, size, modified, clash } = input;
      uploads.set(id, {
        connection: caller.connection,
        into,
        path,
        size,
        modified,
        clash,
        pipe,
        ingested,
        received: 0,
        used: core.deps.host.now(),
        busy: false,
        givenUp: false,
      });
      return { upload: id as UploadId, skipped: false };
    },

    async 'vault.uploadWrite'(input, { caller }) {
      core.root();
      const upload = find(input.upload, caller);
      if (input.offset !== upload.received) {
        throw fail('OUT_OF_ORDER', `Bytes at ${input.offset} came when ${upload.received} were due.`, {
          next: `Send on from ${upload.received}.`,
          data: { received: upload.received },
        });
      }
      if (input.bytes.length > maxWrite) throw fail('TOO_LARGE', 'A piece of an upload is at most 1 MiB.');
      if (upload.received + input.bytes.length > upload.size) {
        throw fail('TOO_LARGE', 'More bytes came than the upload was opened for.', { next: 'Upload the file again.' });
      }
      upload.received += input.bytes.length;
      // A copy: the transport may use its buffer again.
      await Promise.race([upload.pipe.push(input.bytes.slice()), upload.ingested.then(() => {})]);
      return { received: upload.received };
    },

    async 'vault.uploadCommit'(input, context) {
      const session = await core.session();
      const upload = find(input.upload, context.caller);
      if (upload.received !== upload.size) {
        throw fail('INCOMPLETE', `Only ${upload.received} of ${upload.size} bytes came.`, {
          next: `Send on from ${upload.received}.`,
          data: { received: upload.received },
        });
      }
      upload.busy = true;
      upload.pipe.end();
      let done: Ingested | undefined;
      try {
        done = await upload.ingested;
        session.ingest.flush();
        await done.stored;
        if (upload.givenUp) throw gone();
        const parent = await folders(core, session, upload);
        const name = upload.path.at(-1) ?? 'file';
        const { modified, clash } = upload;
        if (upload.givenUp) throw gone();
        const node = await commitOne(core, session, {
          id: newItemId(core),
          parent,
          name,
          modified,
          clash,
          stored: done.file,
        });
        if (!node) throw notFound('The name of this upload was taken meanwhile and the file');
        context.undo('vault.bin', { items: [node.id] });
        return { item: describe.item(session, node) };
      } finally {
        done?.release();
        uploads.delete(input.upload);
      }
    },

    async 'vault.uploadAbort'(input, { caller }) {
      if (uploads.get(input.upload)?.connection === caller.connection) giveUp(input.upload);
      return {};
    },
  };

  return { handlers, disconnected: (connection) => giveUpAll((upload) => upload.connection === connection) };
}

function existing(session: Session, into: string | null, path: readonly string[]) {
  let at = session.tree.children(into).get(path[0] ?? '');
  for (const name of path.slice(1)) at = at?.children?.get(name);
  return at;
}

/** The folder the file goes into, made where missing. */
async function folders(core: Core, session: Session, upload: Upload): Promise<string | null> {
  let parent = upload.into;
  for (const name of upload.path.slice(0, -1)) {
    const there = session.tree.children(parent).get(name);
    if (there?.kind === 'folder') {
      parent = there.id;
      continue;
    }
    // Two uploads of one folder may come here at once; both ask in the same turn, and the tree is asked again.
    const node = await makeOnce(core, session, parent, name);
    parent = node;
  }
  return parent;
}

const making = new WeakMap<Session, Map<string, Promise<string>>>();

function makeOnce(core: Core, session: Session, parent: string | null, name: string): Promise<string> {
  const map = making.get(session) ?? new Map<string, Promise<string>>();
  making.set(session, map);
  const key = `${parent}/${name}`;
  const known = map.get(key);
  if (known) return known;
  const made = commitOne(core, session, {
    id: newItemId(core),
    parent,
    name,
    modified: core.deps.host.now(),
    clash: 'both',
    stored: null,
  })
    .then((node) => {
      if (!node) throw notFound('The folder');
      return node.id;
    })
    .finally(() => map.delete(key));
  map.set(key, made);
  return made;
}

export interface Pipe {
  readonly source: PushedSource;
  /** Resolves when there is room for more: at most a read's worth waits in memory. The bytes are the pipe's from now on. */
  push(bytes: Uint8Array): Promise<void>;
  end(): void;
  fail(error: unknown): void;
}

/** Turns pushed pieces into a source that is read. */
export function createPipe(): Pipe {
  /** `own`: nothing else lies in its buffer, so that can be given back at once. */
  const pieces: { bytes: Uint8Array; readonly own: boolean }[] = [];
  let buffered = 0;
  let ended = false;
  let failure: unknown = null;
  let wakeReader = (): void => {};
  let wakeWriters: (() => void)[] = [];
  const ready = async (): Promise<void> => {
    while (buffered < readBytes && !ended && failure === null) {
      await new Promise<void>((resolve) => {
        wakeReader = resolve;
      });
    }
    if (failure !== null) throw failure;
  };
  return {
    source: {
      ready,
      async read(target) {
        await ready();
        let got = 0;
        while (got < target.length) {
          const piece = pieces[0];
          if (!piece) break;
          const { bytes } = piece;
          const take = bytes.subarray(0, target.length - got);
          target.set(take, got);
          got += take.length;
          if (take.length < bytes.length) {
            piece.bytes = bytes.subarray(take.length);
          } else {
            pieces.shift();
            if (piece.own) freeNow(bytes);
          }
        }
        buffered -= got;
        for (const wake of wakeWriters) wake();
        wakeWriters = [];
        return got;
      },
    },
    async push(bytes) {
      if (failure !== null) throw failure;
      pieces.push({ bytes, own: bytes.length === bytes.buffer.byteLength });
      buffered += bytes.length;
      wakeReader();
      while (buffered > 2 * readBytes && failure === null) {
        await new Promise<void>((resolve) => wakeWriters.push(resolve));
      }
      if (failure !== null) throw failure;
    },
    end() {
      ended = true;
      wakeReader();
    },
    fail(error) {
      failure = error;
      wakeReader();
      for (const wake of wakeWriters) wake();
    },
  };
}
