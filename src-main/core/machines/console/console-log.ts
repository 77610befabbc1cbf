import { type FileHandle, open, rename, stat, truncate } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import { readJson } from '../read-json.ts';

/**
 * A machine's console log with positions that never go back. QEMU appends to `console.log`, also while no agent runs. When it has
 * grown past the cap, the newest part moves to `console.log.old` and QEMU's file begins again at nothing (QEMU opened it for appending, so
 * its next byte goes to the front); `console.log.json` keeps the position at which the file begins.
 */
const markSchema = z.object({
  /** Position of the first byte of console.log. */
  base: z.number().int().nonnegative(),
  /** Bytes in console.log.old, which end at `base`. */
  old: z.number().int().nonnegative(),
});

export interface ConsoleLog {
  /** Position after the last byte. */
  end(): Promise<number>;
  /** Position of the oldest byte kept. */
  begin(): Promise<number>;
  /** At most `limit` bytes from `at` (moved forward to what is kept), and the position after them. */
  read(at: number, limit: number): Promise<{ at: number; bytes: Uint8Array }>;
  /** Cut when over the cap. Bytes that QEMU writes in the same instant may be lost; viewers read the log, so to them too. */
  cap(): Promise<void>;
}

export function createConsoleLog(path: string, capBytes = 4 * 1024 * 1024, keepBytes = 1024 * 1024): ConsoleLog {
  const old = `${path}.old`;
  let known: z.infer<typeof markSchema> | undefined;

  const mark = async () => {
    if (known === undefined) {
      // Never cut yet, or the mark is damaged: positions begin anew.
      const parsed = markSchema.safeParse(await readJson(`${path}.json`));
      known = parsed.success ? parsed.data : { base: 0, old: 0 };
    }
    return known;
  };
  const size = async (file: string): Promise<number> => (await stat(file).catch(() => null))?.size ?? 0;

  // A cut between another's look at the size and its read would give bytes of the wrong place: one after another.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(action: () => Promise<T>): Promise<T> => {
    const mine = turn.then(action);
    turn = mine.catch(() => {});
    return mine;
  };
  let capping: Promise<void> | null = null;

  async function cut(): Promise<void> {
    const bytes = await size(path);
    if (bytes <= capBytes) return;
    const { base } = await mark();
    const keep = await readSlice(path, bytes - keepBytes, keepBytes);
    await writeFileAtomic(`${old}.new`, keep);
    await truncate(path, 0);
    await rename(`${old}.new`, old);
    known = { base: base + bytes, old: keep.length };
    await writeFileAtomic(`${path}.json`, JSON.stringify(known));
  }

  return {
    end: () => inTurn(async () => (await mark()).base + (await size(path))),
    begin: () =>
      inTurn(async () => {
        const { base, old: kept } = await mark();
        return base - kept;
      }),
    read: (at, limit) =>
      inTurn(async () => {
        const { base, old: kept } = await mark();
        // A position of the future (the log was removed underneath) goes on with what is there.
        const end = base + (await size(path));
        const from = at > end ? Math.max(base, end - limit) : Math.max(at, base - kept);
        const bytes =
          from < base
            ? await readSlice(old, from - (base - kept), Math.min(limit, base - from))
            : await readSlice(path, from - base, limit);
        // What was kept of the old part is gone: on with the new.
        if (bytes.length === 0 && from < base) return { at: base, bytes: await readSlice(path, 0, limit) };
        return { at: from + bytes.length, bytes };
      }),
    cap() {
      capping ??= inTurn(cut).finally(() => {
        capping = null;
      });
      return capping;
    },
  };
}

async function readSlice(path: string, from: number, length: number): Promise<Uint8Array> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch {
    return new Uint8Array(0);
  }
  try {
    const buffer = new Uint8Array(length);
    const { bytesRead } = await handle.read(buffer, 0, length, from);
    return buffer.slice(0, bytesRead);
  } finally {
    await handle.close();
  }
}
